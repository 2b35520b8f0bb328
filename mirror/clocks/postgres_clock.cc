#include "mirror/clocks/postgres_clock.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "lagcalc/deleter.h"

namespace longspan {
namespace {

using Connection = std::unique_ptr<PGconn, Deleter<PQfinish>>;
using Answer = std::unique_ptr<PGresult, Deleter<PQclear>>;
using Options = std::unique_ptr<PQconninfoOption, Deleter<PQconninfoFree>>;

constexpr std::chrono::milliseconds kLookForStop{100};
// Whole microseconds: what a timestamp holds.
constexpr const char* kQuestion =
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, pg_is_in_recovery()";
// Of one host, unless the connection string says another: the next one has its turn then.
constexpr const char* kHostPatienceS = "3";

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

// A connection in the making. libpq looks names up without a bound, so nobody waits for it but a
// thread that holds nothing else.
struct Attempt {
  std::mutex mutex;
  std::condition_variable_any end;
  bool has_ended = false;
  Connection connection;
};

void make_connection(Attempt& attempt, const std::string& dsn) {
  // What comes later in the list takes the place of what came before.
  const std::array names = {"connect_timeout", "dbname", "fallback_application_name",
                            static_cast<const char*>(nullptr)};
  const std::array values = {kHostPatienceS, dsn.c_str(), "longspan",
                             static_cast<const char*>(nullptr)};
  Connection made(PQconnectdbParams(names.data(), values.data(), 1));
  const std::lock_guard lock(attempt.mutex);
  attempt.connection = std::move(made);
  attempt.has_ended = true;
  attempt.end.notify_all();
}

Result<std::shared_ptr<Attempt>> start_attempt(const std::string& dsn) {
  auto attempt = std::make_shared<Attempt>();
  try {
    std::thread([attempt, dsn] { make_connection(*attempt, dsn); }).detach();
  } catch (const std::system_error&) {
    return fail(Next::retry, "no thread to connect to the database with");
  }
  return attempt;
}

class PostgresClock final : public DatabaseClock {
 public:
  explicit PostgresClock(std::string dsn) : dsn_(std::move(dsn)) {}

  // An attempt that is not over in time goes on: the next call waits for the same.
  Result<void> connect(const std::stop_token& stop) override {
    connection_.reset();
    if (stop.stop_requested()) return fail(Next::retry, "the process stops");
    if (!attempt_) {
      auto started = start_attempt(dsn_);
      if (!started) return started.error();
      attempt_ = std::move(*started);
    }
    {
      std::unique_lock lock(attempt_->mutex);
      const bool has_ended = attempt_->end.wait_for(lock, stop, kPostgresConnect,
                                                    [this] { return attempt_->has_ended; });
      if (!has_ended) return fail(Next::retry, "cannot connect to the database in time");
      connection_ = std::move(attempt_->connection);
    }
    attempt_.reset();
    if (!connection_) return fail(Next::retry, "no memory for a connection to the database");
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    if (PQstatus(connection_.get()) == CONNECTION_OK) return {};
    const Error error = failed("cannot connect to the database");
    connection_.reset();
    return error;
  }

  Result<Stamp> ask(const std::stop_token& stop) override {
    if (!connection_) return fail(Next::retry, "there is no connection to the database");
    if (PQsendQuery(connection_.get(), kQuestion) != 1) return failed("cannot ask the database");
    const Patience patience(kPostgresAnswer, stop);
    std::optional<Result<Stamp>> stamp;
    while (true) {
      if (auto ready = await_result(patience); !ready) return ready.error();
      const Answer answer(PQgetResult(connection_.get()));
      if (!answer) break;
      if (!stamp) stamp = stamp_of(answer.get());
    }
    return stamp ? *stamp : fail(Next::retry, "the database does not tell");
  }

 private:
  Result<void> await_result(const Patience& patience) {
    while (PQisBusy(connection_.get()) == 1) {
      if (!patience.await(PQsocket(connection_.get()), POLLIN)) {
        return fail(Next::retry, "the database does not answer in time");
      }
      if (PQconsumeInput(connection_.get()) != 1) return failed("the database went away");
    }
    return {};
  }

  Error failed(const char* doing) const {
    return {Next::retry, 0, std::string(doing) + ": " + one_line(PQerrorMessage(connection_.get())),
            ""};
  }

  Result<Stamp> stamp_of(const PGresult* answer) const {
    if (PQresultStatus(answer) != PGRES_TUPLES_OK) return failed("the database does not tell");
    if (PQgetvalue(answer, 0, 1) == std::string_view("t")) return is_standby();
    const std::string_view text = PQgetvalue(answer, 0, 0);
    Stamp stamp;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), stamp.at.value);
    if (error == std::errc() && end == text.data() + text.size()) return stamp;
    return fail(Next::retry, "the database tells no time");
  }

  Error is_standby() const {
    const std::string host =
        std::string(PQhost(connection_.get())) + ":" + PQport(connection_.get());
    return {Next::park_partition, 0,
            host +
                " is a standby: commit times are of the primary's clock; name that in"
                " clock.database.dsn, or add target_session_attrs=read-write",
            ""};
  }

  const std::string dsn_;
  std::shared_ptr<Attempt> attempt_;  // shared with its thread, which may outlive this
  Connection connection_;
};

}  // namespace

Result<void> check_postgres_dsn(const std::string& dsn) {
  char* ignored = nullptr;  // it may quote a password
  const Options options(PQconninfoParse(dsn.c_str(), &ignored));
  if (ignored != nullptr) PQfreemem(ignored);
  if (!options) {
    return fail(Next::stop_process, "clock.database.dsn is no connection string of libpq");
  }
  return {};
}

Result<std::unique_ptr<DatabaseClock>> make_postgres_clock(const std::string& dsn) {
  if (auto fine = check_postgres_dsn(dsn); !fine) return fine.error();
  return std::unique_ptr<DatabaseClock>(std::make_unique<PostgresClock>(dsn));
}

}  // namespace longspan
