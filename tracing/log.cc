#include "tracing/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "lagcalc/assert.h"
#include "tracing/log_capture.h"
#include "tracing/log_repeats.h"

namespace longspan {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

TimestampMs wall_clock() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

// The lines are ours to the last character; spdlog writes them, in colour on a terminal only.
std::unique_ptr<spdlog::logger> stderr_logger() {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  sink->set_color(spdlog::level::debug, "");
  sink->set_color(spdlog::level::info, "");
  sink->set_pattern("%^%v%$");
  auto logger = std::make_unique<spdlog::logger>("longspan", std::move(sink));
  logger->set_level(spdlog::level::debug);
  logger->flush_on(spdlog::level::debug);
  return logger;
}

// Where the lines of the process go.
//
// Threads: every method; the mutex is held while a line is written, so that lines come out in the
//          order of their events.
class ProcessLog {
 public:
  static ProcessLog& get() {
    // Never destroyed: objects with static storage may still log while the process ends.
    static auto* const log = new ProcessLog;
    return *log;
  }

  void add(const LogEvent& event) {
    const std::lock_guard lock(mutex_);
    start_ticking();
    write(repeats_.add(clock_(), event));
  }
  void tick() {
    const std::lock_guard lock(mutex_);
    write(repeats_.tick(clock_()));
  }
  void flush() {
    const std::lock_guard lock(mutex_);
    write(repeats_.flush(clock_()));
  }
  LogCounts counts() {
    const std::lock_guard lock(mutex_);
    return repeats_.counts();
  }
  void start_capture(LogCapture::Clock clock) {
    const std::lock_guard lock(mutex_);
    LONGSPAN_ASSERT(!captured_);
    captured_.emplace();
    clock_ = std::move(clock);
    repeats_ = LogRepeats();
  }
  void stop_capture() {
    const std::lock_guard lock(mutex_);
    captured_.reset();
    clock_ = wall_clock;
    repeats_ = LogRepeats();
  }
  std::vector<std::string> captured() {
    const std::lock_guard lock(mutex_);
    return captured_.value_or(std::vector<std::string>());
  }

  std::atomic<LogLevel> least{LogLevel::info};

 private:
  void write(const std::vector<LogOutput>& lines) {
    for (const LogOutput& line : lines) {
      if (captured_) {
        captured_->push_back(line.text);
      } else {
        logger_->log(spdlog_level(line.level), spdlog::string_view_t(line.text));
      }
    }
  }

  // A process that falls silent must still print what it counted. Started with the first line;
  // a test that captures calls tick() itself.
  void start_ticking() {
    if (ticker_.joinable() || captured_) return;
    ticker_ = std::jthread([this](const std::stop_token& stop) {
      std::unique_lock lock(mutex_);
      while (!stop.stop_requested()) {
        ended_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
        if (!captured_) write(repeats_.tick(clock_()));
      }
    });
  }

  std::mutex mutex_;
  std::unique_ptr<spdlog::logger> logger_ = stderr_logger();
  LogCapture::Clock clock_ = wall_clock;
  LogRepeats repeats_;
  std::optional<std::vector<std::string>> captured_;
  std::condition_variable_any ended_;
  std::jthread ticker_;
};

}  // namespace

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      break;
  }
  return "error";
}

void log(LogLevel level, const LogContext& context, std::string_view event, const Fields& fields) {
  ProcessLog& process = ProcessLog::get();
  if (level < process.least.load(std::memory_order_relaxed)) return;
  process.add({level, context, std::string(event), fields});
}

void set_log_level(LogLevel least) { ProcessLog::get().least.store(least); }
LogLevel log_level() { return ProcessLog::get().least.load(); }
void flush_log() { ProcessLog::get().flush(); }
LogCounts log_counts() { return ProcessLog::get().counts(); }

LogCapture::LogCapture() : LogCapture(wall_clock) {}
LogCapture::LogCapture(Clock clock) : former_level_(log_level()) {
  ProcessLog::get().start_capture(std::move(clock));
  set_log_level(LogLevel::debug);
}
LogCapture::~LogCapture() {
  set_log_level(former_level_);
  ProcessLog::get().stop_capture();
}
std::vector<std::string> LogCapture::lines() const { return ProcessLog::get().captured(); }
std::vector<std::string> LogCapture::lines_with(std::string_view text) const {
  std::vector<std::string> found = lines();
  std::erase_if(found,
                [&](const std::string& line) { return line.find(text) == std::string::npos; });
  return found;
}
void LogCapture::tick() { ProcessLog::get().tick(); }

}  // namespace longspan
