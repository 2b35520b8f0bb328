#include "cli/commands/dlq.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <set>

#include "cli/commands/flow_choice.h"
#include "cli/commands/flow_view.h"
#include "cli/exit_code.h"
#include "cli/views/letters_view.h"
#include "cli/views/progress_bar.h"
#include "cli/views/terminal.h"
#include "cli/views/time_text.h"
#include "mirror/dead_letters.h"
#include "mirror/kafka/clients.h"

namespace longspan {
namespace {

constexpr Flag kFlowFlag{"flow", FlagType::text, "A->B", "",
                         "The flow; needed when the file has several"};
constexpr Flag kTopicFlag{"topic", FlagType::text, "TOPIC", "", "Only this source topic"};
constexpr Flag kPartitionFlag{"partition", FlagType::text, "TOPIC:N", "",
                              "Only this source partition"};
constexpr Flag kSinceFlag{"since", FlagType::text, "TIME", "", "Only the last 90s, 15m, 2h or 1d"};

constexpr auto kListFlags = std::to_array<Flag>({kTopicFlag,
                                                 kPartitionFlag,
                                                 kSinceFlag,
                                                 {"json", FlagType::toggle, "", "", "Prints JSON"},
                                                 kFlowFlag});
constexpr auto kShowFlags =
    std::to_array<Flag>({{"json", FlagType::toggle, "", "", "Prints JSON"}, kFlowFlag});
constexpr auto kReplayFlags = std::to_array<Flag>(
    {{"letter", FlagType::list, "N", "", "The letter of this number; may be repeated"},
     kTopicFlag,
     kPartitionFlag,
     kSinceFlag,
     {"all", FlagType::toggle, "", "", "Every letter there is"},
     {"dry-run", FlagType::toggle, "", "", "Says what would be done, and does nothing"},
     kFlowFlag});

// Which letters the command line asks for.
struct Asked {
  std::optional<std::set<std::int64_t>> numbers;
  std::optional<TopicPartition> partition;
  std::string topic;
  TimestampMs from{0};

  [[nodiscard]] bool includes(Offset number, const DeadLetter& letter) const {
    return (!numbers || numbers->contains(number.value)) &&
           (!partition || *partition == letter.source) &&
           (topic.empty() || topic == letter.source.topic) && from <= letter.refused_at;
  }
};

std::optional<std::int64_t> number_of(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

Result<Asked> asked(const CommandLine& line, const std::vector<std::string>& numbers) {
  Asked out;
  for (const auto& text : numbers) {
    const auto number = number_of(text);
    if (!number) {
      return fail(Next::stop_process,
                  text + " is no letter: give a number of `longspan dlq list FILE`");
    }
    if (!out.numbers) out.numbers.emplace();
    out.numbers->insert(*number);
  }
  if (line.has("partition")) {
    const auto partition = parse_partition(line.text("partition"));
    if (!partition) return partition.error();
    out.partition = *partition;
  }
  out.topic = line.text("topic");
  if (line.has("since")) {
    const auto span = parse_span(line.text("since"));
    if (!span) {
      return fail(Next::stop_process, "--since=" + line.text("since") + " is not like 2h or 15m");
    }
    out.from.value = make_clock()->now().value - *span;
  }
  return out;
}

Result<void> visit_letters(FlowView& view, const LetterVisit& visit) {
  const StateReader reader{view.target_admin(), view.target_source(), view.wakeup(), view.clock()};
  auto read = read_dead_letters(reader, view.config().dead_letter_topic(), visit);
  if (!read) return with_addresses(read.error(), view.config());
  return read;
}

Result<std::vector<ShownLetter>> letters_of(FlowView& view, const Asked& asked) {
  std::vector<ShownLetter> out;
  auto read = visit_letters(view, [&](Offset number, const DeadLetter& letter) {
    if (asked.includes(number, letter)) out.push_back({number, letter});
    return true;
  });
  if (!read) return read.error();
  return out;
}

Error no_such_letter(const std::string& which) {
  return {Next::stop_process, 0, "there is no letter " + which + ": see `longspan dlq list FILE`",
          ""};
}

// One at a time, in their order: the first that is refused again does not keep the others.
int replay_all(FlowView& view, const std::vector<ShownLetter>& letters) {
  SinkLimits limits;
  limits.is_gapless = false;
  auto sink =
      make_sink(view.config().target, looking_client_id(view.config()), limits, view.wakeup());
  if (!sink) return report_error(view.config().name(), sink.error());
  const CommandWriter writer{**sink, view.wakeup(), view.clock()};
  int code = kExitFine;
  std::int64_t done = 0;
  ProgressBar bar;
  for (const auto& [number, letter] : letters) {
    const auto at = replay(writer, letter);
    const std::string name = "letter " + std::to_string(number.value) + " (" +
                             letter.source.text() + " offset " +
                             std::to_string(letter.offset.value) + ")";
    if (at) {
      std::printf("%s: written to %s:%d at offset %lld\n", name.c_str(),
                  letter.target_topic.c_str(), letter.source.partition,
                  static_cast<long long>(at->value));
    } else {
      std::printf("%s: refused again: %s\n", name.c_str(), at.error().text().c_str());
      code = kExitNo;
    }
    bar.show("replay", ++done, static_cast<std::int64_t>(letters.size()));
  }
  return code;
}

}  // namespace

const CommandRow kDlqListCommand{
    .name = "dlq list",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Records that the target refused, in the flow's dead-letter topic",
    .details = "They are there with on.record.refused=dlq, oldest first, for 30 days.",
    .flags = kListFlags,
    .run = dlq_list_command,
};

const CommandRow kDlqShowCommand{
    .name = "dlq show",
    .arguments = "FILE LETTER",
    .arguments_min = 2,
    .arguments_max = 2,
    .summary = "One of them in full: where it came from, why it was refused, its bytes",
    .flags = kShowFlags,
    .run = dlq_show_command,
};

const CommandRow kDlqReplayCommand{
    .name = "dlq replay",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Writes them to the end of their target partitions, once the cause is gone",
    .details =
        "Key, value, headers, timestamp and partition are the source's. The record stands behind\n"
        "newer ones then; the map keeps leading past its old place. A mirror that runs tells the\n"
        "offsets it takes as another writer's (unexpected_target_offset, or tail_mismatch where\n"
        "nothing else is written). Letters stay in their topic: a second replay writes them "
        "again.\n"
        "Exit code 1: one was refused again.",
    .flags = kReplayFlags,
    .run = dlq_replay_command,
};

int dlq_list_command(const CommandLine& line) {
  const auto wanted = asked(line, {});
  if (!wanted) return report_error("", wanted.error());
  std::unique_ptr<FlowView> view;
  if (const int code = open_flow(line, view); code != kExitFine) return code;
  const auto letters = letters_of(*view, *wanted);
  if (!letters) return report_error(view->config().name(), letters.error());
  const auto text = line.has("json") ? letters_json(view->config().name(), *letters) + "\n"
                                     : letters_table(*letters, stdout_style());
  std::fputs(text.c_str(), stdout);
  return kExitFine;
}

int dlq_show_command(const CommandLine& line) {
  const auto wanted = asked(line, {line.argument(1)});
  if (!wanted) return report_error("", wanted.error());
  std::unique_ptr<FlowView> view;
  if (const int code = open_flow(line, view); code != kExitFine) return code;
  const auto letters = letters_of(*view, *wanted);
  if (!letters) return report_error(view->config().name(), letters.error());
  if (letters->empty()) {
    return report_error(view->config().name(), no_such_letter(line.argument(1)));
  }
  const auto text = line.has("json") ? letters_json(view->config().name(), *letters) + "\n"
                                     : letter_text(letters->front());
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitFine;
}

int dlq_replay_command(const CommandLine& line) {
  const bool is_chosen = line.has("letter") || line.has("topic") || line.has("partition");
  if (is_chosen == line.has("all")) {
    return usage_error("dlq replay: give --all, or which: --letter, --partition or --topic");
  }
  const auto wanted = asked(line, line.list("letter"));
  if (!wanted) return report_error("", wanted.error());
  std::unique_ptr<FlowView> view;
  if (const int code = open_flow(line, view); code != kExitFine) return code;
  const std::string flow = view->config().name();
  if (view->config().policy(EventKind::unexpected_target_offset) == OnDataLoss::stop) {
    return report_error(
        flow, {Next::stop_process, 0,
               "on.foreign.writer=stop: the mirror would stop at records that it did not write "
               "itself; set it to continue for the replay",
               ""});
  }
  const auto letters = letters_of(*view, *wanted);
  if (!letters) return report_error(flow, letters.error());
  if (wanted->numbers && letters->size() < wanted->numbers->size()) {
    auto missing = *wanted->numbers;
    for (const auto& each : *letters) missing.erase(each.number.value);
    return report_error(flow, no_such_letter(std::to_string(*missing.begin())));
  }
  if (line.has("dry-run")) {
    std::printf("%s: would write %zu records:\n%s", flow.c_str(), letters->size(),
                letters_table(*letters, stdout_style()).c_str());
    return kExitFine;
  }
  if (letters->empty()) std::puts("no dead letters");
  return replay_all(*view, *letters);
}

}  // namespace longspan
