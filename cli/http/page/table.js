// A table that sorts by its header, filters by text, and draws only so many rows: rows are
// thousands, what is looked at are few. On a narrow screen its rows are cards (page.css).

import {h, refill, setText} from "./element.js";
import {count, shown} from "./figures.js";

const ROWS_MORE = 200;
const WHYS_MAX = 4;

// Unknown ones first where the greatest are wanted: what is not known may be the worst.
const compare = (a, b) => {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  return typeof a === "string" ? -String(b).localeCompare(a, "en", {numeric: true}) : a - b;
};

export class Table {
  // columns: [{id, title, cell: row => figure or node, isText, isMinor, sort: row => value}].
  // onSelect(row): rows have a button, in their first column.
  constructor({caption, columns, key, sortBy, isDescending = true, filter, onSelect, tint,
               rowsFirst = 50}) {
    Object.assign(this, {columns, key, onSelect, tint, sortBy, isDescending, rowsFirst});
    this.rows = [];
    this.drawn = new Map();
    this.limit = rowsFirst;
    this.words = "";
    this.head = h("tr", {role: "row"});
    this.body = h("tbody", {role: "rowgroup"});
    this.more = h("button", {type: "button", class: "more", onclick: () => this.showMore()});
    this.note = h("p", {class: "count", role: "status"});
    this.element = h("div", {class: "table"});
    if (filter) this.element.append(this.filterField(filter));
    this.whys = h("ul", {class: "whys"});
    this.element.append(h("table", {role: "table"},
      h("caption", {class: "spoken", text: caption}),
      h("thead", {role: "rowgroup"}, this.head), this.body), this.whys, this.note, this.more);
    for (const column of columns) this.head.append(this.header(column));
  }

  filterField(label) {
    return h("label", {class: "filter"}, h("span", {class: "spoken", text: label}),
             h("input", {type: "search", placeholder: label, autocomplete: "off",
                         spellcheck: "false", oninput: event => {
                           this.words = event.target.value.trim().toLowerCase();
                           this.limit = this.rowsFirst;
                           this.draw();
                         }}));
  }

  header(column) {
    const cell = h("th", {scope: "col", role: "columnheader", class: this.classOf(column)});
    if (column.isPlain) cell.append(h("span", {text: column.title}));
    else cell.append(h("button", {type: "button", class: "sort", text: column.title,
                                  onclick: () => this.sort(column)}));
    column.head = cell;
    return cell;
  }

  classOf(column) {
    return [column.isText ? "text" : "number", column.isMinor && "minor"].filter(Boolean).join(" ");
  }

  sort(column) {
    this.isDescending = this.sortBy === column.id ? !this.isDescending : !column.isText;
    this.sortBy = column.id;
    this.draw();
  }

  showMore() {
    this.limit += ROWS_MORE;
    this.draw();
  }

  update(rows) {
    this.rows = rows;
    this.draw();
  }

  sorted() {
    const column = this.columns.find(each => each.id === this.sortBy) ?? this.columns[0];
    const valueOf = column.sort ?? (row => column.cell(row).value);
    const keyed = this.rows.filter(row => this.key(row).toLowerCase().includes(this.words))
      .map(row => [valueOf(row), row]);
    const sign = this.isDescending ? -1 : 1;
    return keyed.sort((a, b) => sign * compare(a[0], b[0])).map(each => each[1]);
  }

  draw() {
    const rows = this.sorted(), shownRows = rows.slice(0, this.limit);
    for (const column of this.columns) {
      const isSorted = column.id === this.sortBy;
      column.head.setAttribute("aria-sort",
        isSorted ? this.isDescending ? "descending" : "ascending" : "none");
    }
    const wanted = shownRows.map(row => this.line(row));
    const names = new Set(shownRows.map(this.key));
    for (const name of this.drawn.keys()) if (!names.has(name)) this.drawn.delete(name);
    this.place(wanted);
    this.drawWhys(shownRows);
    const isAll = rows.length === this.rows.length;
    setText(this.note, isAll && rows.length <= this.limit ? "" :
      `${count(shownRows.length)} of ${count(rows.length)} shown` +
      (isAll ? "" : `; ${count(this.rows.length)} in all`));
    this.more.hidden = rows.length <= this.limit;
    setText(this.more, `Show ${count(Math.min(ROWS_MORE, rows.length - this.limit))} more`);
  }

  // A "?" tells its reason where a pointer rests; here they stand for everybody.
  drawWhys(rows) {
    const whys = new Map();
    for (const column of this.columns) {
      for (const row of column.isPlain ? [] : rows) {
        const {why, text} = column.cell(row);
        if (why && text === "?") whys.set(why, column.title);
      }
    }
    const told = [...whys].slice(0, WHYS_MAX);
    refill(this.whys, told, () => told.map(([why, title]) =>
      h("li", {text: `? ${title.toLowerCase()}: ${why}`})));
  }

  // In this order, and without taking out what stays where it is: a focused button keeps the focus.
  place(lines) {
    for (const old of [...this.body.children]) if (!lines.includes(old)) old.remove();
    lines.forEach((line, i) => {
      const there = this.body.children[i];
      if (there !== line) this.body.insertBefore(line, there ?? null);
    });
  }

  line(row) {
    const name = this.key(row);
    let drawn = this.drawn.get(name);
    if (!drawn) {
      drawn = {row, line: h("tr", {role: "row", "data-key": name})};
      drawn.cells = this.columns.map((column, i) => this.cell(column, i, drawn));
      drawn.line.append(...drawn.cells.map(cell => cell.outer));
      this.drawn.set(name, drawn);
    }
    drawn.row = row;
    drawn.line.className = this.tint?.(row) ?? "";
    this.columns.forEach((column, i) => {
      const value = column.cell(row);
      if (value instanceof Node) drawn.cells[i].inner.replaceChildren(value);
      else refill(drawn.cells[i].inner, value, () => shown(value));
    });
    return drawn.line;
  }

  cell(column, i, drawn) {
    const isButton = i === 0 && this.onSelect;
    const inner = isButton ?
      h("button", {type: "button", class: "row", onclick: () => this.onSelect(drawn.row)}) :
      h("span");
    const outer = h(i === 0 ? "th" : "td", {
      class: this.classOf(column), "data-title": column.title, "data-column": column.id,
      role: i === 0 ? "rowheader" : "cell", scope: i === 0 ? "row" : undefined}, inner);
    return {outer, inner};
  }
}
