// Elements of the document. Text from Kafka is hostile: it enters through textContent and
// attributes that only hold text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

const filled = (made, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name === "text") made.textContent = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter(child => child !== undefined && child !== null));
  return made;
};

// h("button", {class: "sort", text: title, onclick: sort}, child, ...)
export const h = (tag, attributes = {}, ...children) =>
  filled(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children);

// Only what differs is touched, so that a reader's selection and a screen reader are left alone.
export const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

// Replaces the children when `signature` is another one than last time. For parts that nobody can
// have the focus in.
export const refill = (node, signature, make) => {
  const text = JSON.stringify(signature) ?? "";
  if (node.drawn === text) return;
  node.drawn = text;
  node.replaceChildren(...[make()].flat().filter(child => child !== undefined && child !== null));
};

export const byId = id => document.getElementById(id);

// A line of `values`, oldest first; undefined is a gap.
export const sparkline = (values, label) => {
  const known = values.filter(value => value !== undefined);
  const width = 72, height = 18, steps = 59;
  const drawn = svg("svg", {class: "spark", viewBox: `0 0 ${width} ${height}`, role: "img",
                            "aria-label": label, preserveAspectRatio: "none"});
  if (known.length < 2) return drawn;
  const top = Math.max(...known, 0), bottom = Math.min(...known, 0);
  const x = index => width - (values.length - 1 - index) * width / steps;
  const y = value => top === bottom ? height - 1 :
    height - 1 - (value - bottom) / (top - bottom) * (height - 2);
  let path = "", isGap = true;
  values.forEach((value, index) => {
    if (value !== undefined) {
      path += `${isGap ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    }
    isGap = value === undefined;
  });
  drawn.append(svg("path", {d: path}));
  return drawn;
};
