// Commands that ask a running longspan, against the HTTP server that one runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command_table.h"
#include "cli/commands/events.h"
#include "cli/commands/http_get.h"
#include "cli/exit_code.h"
#include "cli/http/http_server.h"
#include "tests/unit/cli/views/rich_snapshot.h"

namespace longspan {
namespace {

using testing::HasSubstr;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

class Asking : public testing::Test {
 protected:
  Asking() {
    HttpViews views;
    views.snapshot = rich_snapshot;
    views.events = [] {
      Event vanished;
      vanished.kind = EventKind::topic_vanished;
      vanished.partition = TopicPartition{"vanished", 0};
      return std::vector<ShownEvent>{{"east->west", 1, vanished}};
    };
    server_ = std::move(HttpServer::start("127.0.0.1:0", std::move(views), {})).value();
  }

  Outcome run(const CommandRow& command, std::vector<std::string> words) {
    words.push_back("--url=" + server_->url());
    const auto line = parse_command_line(command, words);
    EXPECT_TRUE(line) << line.error().what;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Outcome outcome;
    outcome.code = command.run(*line);
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(Asking, EventsOfANameThatNobodyKnowsAreRefused) {
  const auto slip = run(kEventsCommand, {"--topic=order"});
  EXPECT_EQ(slip.code, kExitUsage);
  EXPECT_EQ(slip.err, "longspan: no topic order, did you mean orders?\n");
  EXPECT_EQ(slip.out, "");
  EXPECT_EQ(run(kEventsCommand, {"--flow=east->wst"}).code, kExitUsage);
}

TEST_F(Asking, EventsOfAVanishedOrQuietTopicAreFound) {
  const auto vanished = run(kEventsCommand, {"--topic=vanished"});
  EXPECT_EQ(vanished.code, kExitFine) << vanished.err;
  EXPECT_THAT(vanished.out, HasSubstr("vanished:0"));
  EXPECT_EQ(run(kEventsCommand, {"--topic=orders"}).out, "no events\n");
  EXPECT_EQ(run(kEventsCommand, {"--flow=west->east"}).out, "no events\n");
}

TEST(HttpGet, SaysWhyThereIsNoAnswer) {
  std::string url;
  {
    auto server = HttpServer::start("127.0.0.1:0", {rich_snapshot, {}, {}}, {});
    url = (*server)->url();
  }
  const auto nobody = http_get(url, "/");
  ASSERT_FALSE(nobody);
  EXPECT_THAT(nobody.error().what,
              HasSubstr(": the connection was refused, or there is no such address; give"));
}

TEST(UnknownCommand, IsToldWithTheNearestOne) {
  const auto said = [](const std::vector<std::string>& words) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(run_program(words), kExitUsage);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(said({"rnu"}), HasSubstr("unknown command rnu, did you mean run?"));
  EXPECT_THAT(said({"schema", "snyc", "f"}),
              HasSubstr("unknown command schema, did you mean schemas sync?"));
  EXPECT_THAT(said({"schemas", "snyc", "f"}),
              HasSubstr("unknown command schemas snyc, did you mean schemas sync?"));
  EXPECT_THAT(said({"schemas", "foo"}), HasSubstr("unknown command schemas foo\nusage:"));
  EXPECT_THAT(
      said({"offsets", "trnslate"}),
      HasSubstr("unknown command offsets trnslate, did you mean offsets translate?\nusage:"));
  EXPECT_THAT(said({"offsets"}), HasSubstr("offsets needs a second word\nusage:"));
}

}  // namespace
}  // namespace longspan
