#include "cli/views/text_table.h"

#include <algorithm>

#include "lagcalc/assert.h"
#include "lagcalc/printable.h"

namespace longspan {

namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowGap = 1;
constexpr std::size_t kLeastCut = 12;   // a name is never cut below this
constexpr std::size_t kLeastNote = 24;  // a note that has less room goes below its row ...
constexpr std::size_t kGoodNote = 60;   // ... and one that would be cut where it has less than this

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
  for (Cell& cell : cells) cell.text = printable(cell.text);
  rows_.push_back({std::move(cells), printable(note)});
}

std::size_t TextTable::Layout::total() const {
  std::size_t sum = 0;
  for (const auto width : widths) sum += width > 0 ? width + gap : 0;
  return sum - std::min(sum, gap);
}

TextTable::Layout TextTable::layout(const TableStyle& style) const {
  Layout out{{}, kGap};
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto width = columns_[i].name.size();
    for (const auto& row : rows_) width = std::max(width, text_width(row.cells[i].text));
    out.widths.push_back(width);
  }
  if (style.width == 0 || out.total() <= style.width) return out;
  out.gap = kNarrowGap;
  cut(out, style.width);
  for (std::size_t i = 0; i < columns_.size() && out.total() > style.width; ++i) {
    if (columns_[i].may_be_left_out) out.widths[i] = 0;
  }
  return out;
}

void TextTable::cut(Layout& layout, std::size_t width) const {
  const auto too_wide = layout.total() - std::min(layout.total(), width);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto& cell = layout.widths[i];
    const auto room = cell - std::min(cell, too_wide);
    if (columns_[i].may_be_cut) cell = std::min(cell, std::max(room, kLeastCut));
  }
}

std::string TextTable::line(const Row& row, const Layout& layout, const TableStyle& style) const {
  std::string out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto width = layout.widths[i];
    if (width == 0) continue;
    const auto& cell = row.cells[i];
    out += (out.empty() ? "" : std::string(layout.gap, ' ')) +
           tinted(padded(cut_middle(cell.text, width), width, columns_[i].align), cell.tint, style);
  }
  const auto used = layout.total() + kGap;
  const auto room = style.width - std::min(style.width, used);
  const bool is_good = room >= kGoodNote || text_width(row.note) <= room;
  const bool fits = style.width == 0 || (room >= kLeastNote && is_good);
  if (fits && !row.note.empty()) {
    out += std::string(kGap, ' ') + (style.width == 0 ? row.note : cut_end(row.note, room));
  }
  while (out.ends_with(' ')) out.pop_back();
  out += "\n";
  if (!fits && !row.note.empty() && style.width > kGap) {
    out += std::string(kGap, ' ') + cut_end(row.note, style.width - kGap) + "\n";
  }
  return out;
}

std::string TextTable::text(const TableStyle& style) const {
  const auto layout = this->layout(style);
  Row header;
  for (const auto& column : columns_) header.cells.push_back({column.name, Tint::bold});
  std::string out = line(header, layout, style);
  for (const auto& row : rows_) out += line(row, layout, style);
  return out;
}

}  // namespace longspan
