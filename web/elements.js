/* elements.js: makes elements, and writes numbers as the command line does. */

export const byId = id => document.getElementById(id);

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/* element("p", {class: "faint"}, "words", anotherElement) */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/* Changes a text only where it is another one. */
export function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

export const percent = share => `${(100 * share).toFixed(2)}%`;
export const count = number => Math.round(number).toLocaleString("en-US");
export const milliseconds = ms => `${ms.toFixed(ms < 9.95 ? 2 : 1)} ms`;

/* "26×26×32", or "128" of a layer without places. */
export function shapeOf({ height, width, channels }) {
  return height * width > 1 ? `${height}×${width}×${channels}` : `${channels}`;
}
