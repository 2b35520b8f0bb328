#include "cli/views/text_table.h"

#include <algorithm>
#include <numeric>

#include "lagcalc/assert.h"

namespace longspan {

namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastCut = 12;   // a name is never cut below this
constexpr std::size_t kLeastNote = 10;  // a note that has less room is left out

bool continues_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// The first `columns` code points.
std::string_view head_of(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (!continues_code_point(text[end]) && columns-- == 0) break;
  }
  return text.substr(0, end);
}

std::string_view tail_of(std::string_view text, std::size_t columns) {
  return text.substr(head_of(text, text_width(text) - columns).size());
}

std::string padded(const std::string& text, std::size_t width, Align align) {
  const std::string blanks(width - std::min(width, text_width(text)), ' ');
  return align == Align::left ? text + blanks : blanks + text;
}

}  // namespace

std::string tinted(std::string_view text, Tint tint, const TableStyle& style) {
  static constexpr const char* kCodes[] = {"", "32", "33", "31", "2", "1"};
  if (!style.colours || tint == Tint::none) return std::string(text);
  return std::string("\x1b[") + kCodes[static_cast<std::size_t>(tint)] + "m" + std::string(text) +
         "\x1b[0m";
}

std::size_t text_width(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_code_point));
}

std::string cut_middle(std::string_view text, std::size_t width) {
  const auto have = text_width(text);
  if (have <= width) return std::string(text);
  if (width < 4) return std::string(head_of(text, width));
  const auto left = (width - 3) / 2;
  return std::string(head_of(text, left)) + "..." + std::string(tail_of(text, width - 3 - left));
}

std::string cut_end(std::string_view text, std::size_t width) {
  if (text_width(text) <= width) return std::string(text);
  if (width < 4) return std::string(head_of(text, width));
  return std::string(head_of(text, width - 3)) + "...";
}

void TextTable::add(std::vector<Cell> cells, std::string note) {
  LONGSPAN_ASSERT(cells.size() == columns_.size());
  rows_.push_back({std::move(cells), std::move(note)});
}

std::vector<std::size_t> TextTable::widths(const TableStyle& style) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    out.push_back(columns_[i].name.size());
    for (const auto& row : rows_) out[i] = std::max(out[i], text_width(row.cells[i].text));
  }
  const auto total =
      std::accumulate(out.begin(), out.end(), std::size_t{0}) + kGap * (out.size() - 1);
  if (style.width == 0 || total <= style.width) return out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i].may_be_cut) continue;
    const auto room = out[i] - std::min(out[i], total - style.width);
    out[i] = std::min(out[i], std::max(room, kLeastCut));
  }
  return out;
}

std::string TextTable::text(const TableStyle& style) const {
  const auto widths = this->widths(style);
  const std::string gap(kGap, ' ');
  std::string out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto cell = padded(columns_[i].name, widths[i], columns_[i].align);
    out += (i > 0 ? gap : "") + tinted(cell, Tint::bold, style);
  }
  while (!style.colours && out.ends_with(' ')) out.pop_back();
  out += "\n";
  const auto used = std::accumulate(widths.begin(), widths.end(), kGap * (columns_.size() - 1));
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto shown = cut_middle(row.cells[i].text, widths[i]);
      line += (i > 0 ? gap : "") +
              tinted(padded(shown, widths[i], columns_[i].align), row.cells[i].tint, style);
    }
    if (style.width == 0) {
      line += row.note.empty() ? "" : gap + row.note;
    } else if (!row.note.empty() && used + kGap + kLeastNote <= style.width) {
      line += gap + cut_end(row.note, style.width - used - kGap);
    }
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  return out;
}

}  // namespace longspan
