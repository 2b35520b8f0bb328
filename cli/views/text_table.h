// cli/views/text_table.h - rows of cells as aligned lines, for people.
//
// Units:   width in terminal columns; one UTF-8 code point counts as one.
// Errors:  none. A table that is too wide gets narrow gaps, then cut names ("..."), then loses the
//          columns that may be left out; a note is cut at the end of the line, and goes below its
//          row where it would have next to no room.
// Threads: a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace longspan {

struct TableStyle {
  std::size_t width = 0;  // 0: as wide as it gets (not a terminal)
  bool colours = false;
};

enum class Align : std::uint8_t { left, right };
enum class Tint : std::uint8_t { none, good, warn, bad, faint, bold };

[[nodiscard]] std::string tinted(std::string_view text, Tint tint, const TableStyle& style);
[[nodiscard]] std::size_t text_width(std::string_view text);
// At most `width` columns, the cut marked by "..." in the middle (names) or at the end.
[[nodiscard]] std::string cut_middle(std::string_view text, std::size_t width);
[[nodiscard]] std::string cut_end(std::string_view text, std::size_t width);

class TextTable {
 public:
  struct Column {
    std::string name;
    Align align = Align::left;
    bool may_be_cut = false;  // gives room when the table is too wide; at most one
    bool may_be_left_out = false;
  };
  struct Cell {
    std::string text;
    Tint tint = Tint::none;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // As many cells as columns; what they hold is shown as lagcalc/printable.h says. `note` stands
  // behind the last column, cut at the line's end.
  void add(std::vector<Cell> cells, std::string note = {});
  [[nodiscard]] std::string text(const TableStyle& style) const;

 private:
  struct Row {
    std::vector<Cell> cells;
    std::string note;
  };
  // How the columns stand on the line.
  struct Layout {
    std::vector<std::size_t> widths;  // 0: left out
    std::size_t gap = 0;
    [[nodiscard]] std::size_t total() const;
  };
  [[nodiscard]] Layout layout(const TableStyle& style) const;
  void cut(Layout& layout, std::size_t width) const;
  [[nodiscard]] std::string line(const Row& row, const Layout& layout,
                                 const TableStyle& style) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace longspan
