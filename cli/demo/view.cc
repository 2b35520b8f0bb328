#include "cli/demo/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace longspan::demo {
namespace {

enum class Ink : std::uint8_t { plain, bold, faint, green, yellow, red };

std::string_view code(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::bold:
      return "\x1b[1m";
    case Ink::faint:
      return "\x1b[2m";
    case Ink::green:
      return "\x1b[32m";
    case Ink::yellow:
      return "\x1b[33m";
    case Ink::red:
      return "\x1b[1;31m";
  }
  return "";
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// One line, cut at the width; a column is a code point here.
class Line {
 public:
  explicit Line(const Look& look) : look_(look), left_(look.width) {}

  Line& add(std::string_view text, Ink ink = Ink::plain) {
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
      if (is_continuation(text[end])) continue;
      if (left_ == 0) break;
      --left_;
    }
    const bool inked = look_.color && ink != Ink::plain && end > 0;
    if (inked) out_ += code(ink);
    out_ += text.substr(0, end);
    if (inked) out_ += "\x1b[0m";
    return *this;
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  const Look& look_;
  std::size_t left_;
  std::string out_;
};

std::string spark(const std::vector<std::int64_t>& values, const Look& look, std::size_t width) {
  constexpr std::array<const char*, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::string_view kPlain = "._-=+*%#";
  const std::size_t from = values.size() > width ? values.size() - width : 0;
  std::int64_t top = 1;
  for (std::size_t i = from; i < values.size(); ++i) top = std::max(top, values[i]);
  std::string out;
  for (std::size_t i = from; i < values.size(); ++i) {
    const auto level = static_cast<std::size_t>(std::max<std::int64_t>(values[i], 0) * 7 / top);
    if (look.unicode) {
      out += kBars[level];
    } else {
      out += kPlain[level];
    }
  }
  return out;
}

std::string lag_text(const std::optional<std::int64_t>& lag) { return lag ? grouped(*lag) : "-"; }

TopicRow sum(const std::vector<TopicRow>& rows) {
  TopicRow out;
  out.topic = "all";
  out.offset_lag = 0;
  for (const TopicRow& r : rows) {
    out.partitions += r.partitions;
    out.rate += r.rate;
    if (!r.offset_lag || !out.offset_lag) {
      out.offset_lag.reset();
    } else {
      *out.offset_lag += *r.offset_lag;
    }
  }
  return out;
}

std::string title(const View& v) {
  std::string out = fmt::format("  {} s", v.elapsed_s);
  if (v.left_s) out += fmt::format(", {} s left", *v.left_s);
  return out + "   ";
}

std::string link_text(const View& v, const Look& look) {
  const std::string_view dash = look.unicode ? "──" : "--";
  const std::string_view arrow = look.unicode ? "▶" : ">";
  if (v.is_cut) return fmt::format("us-east {} CUT {} eu-west", dash, dash);
  return fmt::format("us-east {} 80 ms {}{} eu-west", dash, dash, arrow);
}

std::string chaos_text(const View& v) {
  if (!v.next_switch_s) return "";
  return fmt::format("   --chaos: {} in {} s", v.is_cut ? "back" : "cut", *v.next_switch_s);
}

void add_head(std::vector<std::string>& out, const View& v, const Look& look) {
  out.push_back(Line(look)
                    .add("longspan demo", Ink::bold)
                    .add(title(v))
                    .add(link_text(v, look), v.is_cut ? Ink::red : Ink::green)
                    .add(chaos_text(v), Ink::faint)
                    .take());
  out.push_back(
      Line(look)
          .add("flow    ", Ink::faint)
          .add(v.flow)
          .add("   a demo: both clusters are embedded in this process, nothing is kept", Ink::faint)
          .take());
  if (v.url.empty()) {
    out.resize(out.size() + 3);  // the same height as later
    return;
  }
  out.push_back(Line(look)
                    .add("page    ", Ink::faint)
                    .add(v.url + "/")
                    .add("   metrics ", Ink::faint)
                    .add("/metrics")
                    .add("   JSON ", Ink::faint)
                    .add("/api/v1/lag")
                    .take());
  out.push_back(Line(look)
                    .add("try     ", Ink::faint)
                    .add("longspan lag --url " + v.url)
                    .add("   kcat -L -b ", Ink::plain)
                    .add(v.target_bootstrap)
                    .take());
  out.emplace_back();
}

void add_row(std::vector<std::string>& out, const TopicRow& r, const Look& look) {
  const bool is_late = r.offset_lag.value_or(0) > 3 * static_cast<std::int64_t>(r.rate + 10);
  out.push_back(
      Line(look)
          .add(fmt::format("{:<28}{:>3}{:>10.0f}/s", r.topic, r.partitions, r.rate))
          .add(fmt::format("{:>12}", lag_text(r.offset_lag)), is_late ? Ink::yellow : Ink::plain)
          .add(fmt::format("{:>11}{:>9}   ", duration(r.p50), duration(r.p99)))
          .add(r.state, r.is_fine ? Ink::green : Ink::red)
          .take());
}

void add_table(std::vector<std::string>& out, const View& v, const Look& look) {
  out.push_back(Line(look)
                    .add(fmt::format("{:<28}{:>3}{:>12}{:>12}{:>11}{:>9}   {}", "TOPIC", "PRT",
                                     "RATE", "OFFSET LAG", "E2E p50", "p99", "STATE"),
                         Ink::bold)
                    .take());
  for (const TopicRow& r : v.rows) add_row(out, r, look);
  const TopicRow all = sum(v.rows);
  out.push_back(Line(look)
                    .add(fmt::format("{:<28}{:>3}{:>10.0f}/s{:>12}", all.topic, all.partitions,
                                     all.rate, lag_text(all.offset_lag)),
                         Ink::bold)
                    .take());
  out.emplace_back();
}

void add_foot(std::vector<std::string>& out, const View& v, const Look& look) {
  if (v.trouble) {
    out.push_back(Line(look).add("why     ", Ink::faint).add(*v.trouble, Ink::red).take());
  }
  if (v.feed_waits) {
    out.push_back(
        Line(look)
            .add("the source waits: an embedded cluster keeps 5 MiB a partition", Ink::yellow)
            .take());
  }
  const Comparison& c = v.comparison;
  const bool good = c.missing + c.twice + c.different + c.unknown + c.out_of_order == 0;
  out.push_back(Line(look)
                    .add("compare ", Ink::faint)
                    .add(fmt::format("{} equal, {} missing, {} twice", grouped(c.equal),
                                     grouped(c.missing), grouped(c.twice)),
                         good ? Ink::green : Ink::red)
                    .add(fmt::format(", {} under way", grouped(c.expected)), Ink::faint)
                    .take());
  const std::size_t room = look.width > 10 ? std::min<std::size_t>(look.width - 9, 60) : 0;
  out.push_back(Line(look)
                    .add("lag     ", Ink::faint)
                    .add(spark(v.lag_history, look, room), Ink::yellow)
                    .take());
  if (!v.news.empty()) {
    out.push_back(Line(look).add("news    ", Ink::faint).add(v.news).take());
  }
  std::string end = "Ctrl-C ends it with a summary";
  if (!v.log_path.empty()) end += "   log " + v.log_path;
  out.push_back(Line(look).add(end, Ink::faint).take());
}

}  // namespace

std::vector<std::string> render(const View& view, const Look& look) {
  std::vector<std::string> out;
  add_head(out, view, look);
  add_table(out, view, look);
  add_foot(out, view, look);
  if (out.size() > look.height) out.resize(look.height);
  return out;
}

std::string render_line(const View& v) {
  const TopicRow all = sum(v.rows);
  std::string out = fmt::format("{:>4} s  {:>6.0f}/s  offset lag {:>7}", v.elapsed_s, all.rate,
                                lag_text(all.offset_lag));
  const bool has_times = std::any_of(v.rows.begin(), v.rows.end(), [](auto& r) { return r.p50; });
  if (has_times) out += "  p50 / p99:";
  for (const TopicRow& r : v.rows) {
    if (r.p50) out += fmt::format("  {} {} / {}", r.topic, duration(r.p50), duration(r.p99));
  }
  out += fmt::format("  {} equal", grouped(v.comparison.equal));
  if (v.trouble) out += "  " + *v.trouble;
  return out;
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = std::ssize(digits) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string duration(std::optional<double> seconds) {
  if (!seconds) return "-";
  if (*seconds < 0.01) return fmt::format("{:.1f} ms", *seconds * 1000);
  if (*seconds < 1) return fmt::format("{:.0f} ms", *seconds * 1000);
  return fmt::format("{:.1f} s", *seconds);
}

std::string verdict(const Comparison& c) {
  std::string out = fmt::format("every record compared: {} equal, {} missing, {} twice", c.equal,
                                c.missing, c.twice);
  if (c.different > 0) out += fmt::format(", {} different", c.different);
  if (c.out_of_order > 0) out += fmt::format(", {} out of order", c.out_of_order);
  if (c.unknown > 0) out += fmt::format(", {} that nobody wrote", c.unknown);
  if (c.expected > 0) out += fmt::format(", {} not arrived in time", c.expected);
  return out;
}

}  // namespace longspan::demo
