// cli/demo/view.h - what the demo shows at one moment, and that as text.
//
// Units:   seconds; records and records per second.
// Errors:  none. What is not known is a dash.
// Threads: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/demo/comparer.h"

namespace longspan::demo {

struct TopicRow {
  std::string topic;
  std::int32_t partitions = 0;
  double rate = 0;
  std::optional<std::int64_t> offset_lag;
  std::optional<double> p50;  // commit to sink, over the last seconds
  std::optional<double> p99;
  std::string state;
  bool is_fine = false;
};

struct View {
  std::int64_t elapsed_s = 0;
  std::optional<std::int64_t> left_s;
  std::string flow;
  std::string url;
  std::string source_bootstrap;
  std::string target_bootstrap;
  std::string log_path;  // empty: the log goes to stderr
  bool is_cut = false;
  std::optional<std::int64_t> next_switch_s;  // of the link; absent without --chaos
  std::optional<std::string> trouble;         // why the flow does not go on, in its own words
  bool feed_waits = false;
  std::vector<TopicRow> rows;
  Comparison comparison;
  std::vector<std::int64_t> lag_history;  // one a second, newest last
  std::string news;                       // the newest thing that happened
};

struct Look {
  std::size_t width = 80;
  std::size_t height = 24;
  bool color = false;
  bool unicode = false;
};

// The whole screen: at most look.height lines of at most look.width columns, without line ends.
[[nodiscard]] std::vector<std::string> render(const View& view, const Look& look);
// The same in one line, for logs and pipes.
[[nodiscard]] std::string render_line(const View& view);

// "4,012"
[[nodiscard]] std::string grouped(std::int64_t number);
// "87 ms", "2.4 s", "-"
[[nodiscard]] std::string duration(std::optional<double> seconds);
// "every record compared: N equal, 0 missing, 0 twice", and what else went wrong.
[[nodiscard]] std::string verdict(const Comparison& comparison);

}  // namespace longspan::demo
