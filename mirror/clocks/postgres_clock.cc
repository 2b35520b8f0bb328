#include "mirror/clocks/postgres_clock.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

#include "lagcalc/deleter.h"

namespace longspan {
namespace {

using Connection = std::unique_ptr<PGconn, Deleter<PQfinish>>;
using Answer = std::unique_ptr<PGresult, Deleter<PQclear>>;
using Options = std::unique_ptr<PQconninfoOption, Deleter<PQconninfoFree>>;

constexpr std::chrono::milliseconds kLookForStop{100};
// Whole microseconds: what a timestamp holds.
constexpr const char* kQuestion =
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

// Until when one step of the conversation may take.
class Patience {
 public:
  Patience(std::chrono::milliseconds most, const std::stop_token& stop)
      : end_(std::chrono::steady_clock::now() + most), stop_(stop) {}

  // False: the time is over.
  [[nodiscard]] bool await(int socket, short what) const {
    while (!stop_.stop_requested()) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      pollfd fd{socket, what, 0};
      const auto slice = std::min(left, kLookForStop);
      if (::poll(&fd, 1, static_cast<int>(slice.count())) > 0) return true;
    }
    return false;
  }

 private:
  std::chrono::steady_clock::time_point end_;
  const std::stop_token& stop_;
};

// libpq's messages end in a line break and may have several lines.
std::string one_line(std::string_view text) {
  std::string out(text.substr(0, text.find_last_not_of("\r\n ") + 1));
  const auto is_space = [](char c) { return c == '\n' || c == '\t' || c == '\r'; };
  std::replace_if(out.begin(), out.end(), is_space, ' ');
  return out;
}

class PostgresClock final : public DatabaseClock {
 public:
  explicit PostgresClock(std::string dsn) : dsn_(std::move(dsn)) {}

  Result<void> connect(const std::stop_token& stop) override {
    const std::array names = {"dbname", "fallback_application_name",
                              static_cast<const char*>(nullptr)};
    const std::array values = {dsn_.c_str(), "longspan", static_cast<const char*>(nullptr)};
    connection_.reset(PQconnectStartParams(names.data(), values.data(), 1));
    if (!connection_) return fail(Next::retry, "no memory for a connection to the database");
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    const Patience patience(kPostgresConnect, stop);
    auto state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
      if (state == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD) {
        return failed("cannot connect to the database");
      }
      const short what = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
      if (!patience.await(PQsocket(connection_.get()), what)) {
        return fail(Next::retry, "cannot connect to the database in time");
      }
      state = PQconnectPoll(connection_.get());
    }
    return {};
  }

  Result<Stamp> ask(const std::stop_token& stop) override {
    if (!connection_) return fail(Next::retry, "there is no connection to the database");
    if (PQsendQuery(connection_.get(), kQuestion) != 1) return failed("cannot ask the database");
    const Patience patience(kPostgresAnswer, stop);
    while (PQisBusy(connection_.get()) == 1) {
      if (!patience.await(PQsocket(connection_.get()), POLLIN)) {
        return fail(Next::retry, "the database does not answer in time");
      }
      if (PQconsumeInput(connection_.get()) != 1) return failed("the database went away");
    }
    const Answer answer(PQgetResult(connection_.get()));
    auto stamp = stamp_of(answer.get());
    while (const Answer rest{PQgetResult(connection_.get())}) {
    }
    return stamp;
  }

 private:
  Error failed(const char* doing) const {
    return {Next::retry, 0, std::string(doing) + ": " + one_line(PQerrorMessage(connection_.get())),
            ""};
  }

  Result<Stamp> stamp_of(const PGresult* answer) const {
    if (PQresultStatus(answer) != PGRES_TUPLES_OK) return failed("the database does not tell");
    const std::string_view text = PQgetvalue(answer, 0, 0);
    Stamp stamp;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), stamp.at.value);
    if (error == std::errc() && end == text.data() + text.size()) return stamp;
    return fail(Next::retry, "the database tells no time");
  }

  const std::string dsn_;
  Connection connection_;
};

}  // namespace

Result<std::unique_ptr<DatabaseClock>> make_postgres_clock(const std::string& dsn) {
  char* ignored = nullptr;  // it may quote a password
  const Options options(PQconninfoParse(dsn.c_str(), &ignored));
  if (ignored != nullptr) PQfreemem(ignored);
  if (!options) {
    return fail(Next::stop_process, "clock.database.dsn is no connection string of libpq");
  }
  return std::unique_ptr<DatabaseClock>(std::make_unique<PostgresClock>(dsn));
}

}  // namespace longspan
