/* curves.js: a measure by epoch as lines, training and validation. As wide as its
   place: words keep their size. */
import { element, svg } from "./elements.js";

const HEIGHT = 240, LEFT = 64, RIGHT = 16, TOP = 12, BOTTOM = 44;

/* Round numbers between two, about so many. */
function ticksBetween(low, high, about) {
  const rough = (high - low) / about, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find(each => each * power >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) ticks.push(i * step);
  return ticks;
}

/* A little room above and below. */
function rangeOf(lines) {
  const all = lines.flatMap(line => line.values.map(value => value.y));
  const low = Math.min(...all), high = Math.max(...all), room = (high - low || Math.abs(high) || 1) * 0.06;
  return { low: low - room, high: high + room };
}

function drawAxes(chart, across, down, { epochs, range, format, width }) {
  for (const y of ticksBetween(range.low, range.high, 4)) {
    chart.append(svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: down(y), y2: down(y) }),
      svg("text", { x: LEFT - 8, y: down(y) + 4, "text-anchor": "end" }, format(y)));
  }
  const ticks = ticksBetween(epochs.low, epochs.high, Math.min(10, width / 60)).filter(Number.isInteger);
  for (const x of ticks) {
    chart.append(svg("text", { x: across(x), y: HEIGHT - BOTTOM + 20, "text-anchor": "middle" }, `${x}`));
  }
  chart.append(svg("text", { x: (LEFT + width - RIGHT) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, "epoch"));
}

function drawLine(chart, across, down, line) {
  const points = line.values.map(value => `${across(value.x).toFixed(1)},${down(value.y).toFixed(1)}`);
  chart.append(svg("polyline", { class: `curve ${line.role}`, points: points.join(" ") }));
  for (const value of line.values) {
    chart.append(svg("circle", { class: `mark ${line.role}`, cx: across(value.x), cy: down(value.y), r: 3 }));
  }
}

function draw(place, chart, lines, format) {
  const width = Math.max(place.clientWidth, 200), range = rangeOf(lines);
  const all = lines.flatMap(line => line.values.map(value => value.x));
  const epochs = { low: Math.min(...all), high: Math.max(...all, Math.min(...all) + 1) };
  const across = x => LEFT + (x - epochs.low) / (epochs.high - epochs.low) * (width - LEFT - RIGHT);
  const down = y => TOP + (range.high - y) / (range.high - range.low) * (HEIGHT - TOP - BOTTOM);
  chart.replaceChildren();
  chart.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  chart.setAttribute("width", width);
  chart.setAttribute("height", HEIGHT);
  drawAxes(chart, across, down, { epochs, range, format, width });
  for (const line of lines) drawLine(chart, across, down, line);
}

function keyOf(line) {
  const sample = svg("svg", { width: 32, height: 12, "aria-hidden": "true" },
    svg("line", { class: `curve ${line.role}`, x1: 0, x2: 32, y1: 6, y2: 6 }));
  return element("span", { class: "key" }, sample, ` ${line.name}`);
}

/* A figure: lines [{name, role: "first" or "second", values: [{x, y}]}], format(y)
   for the numbers on the axis. */
export function curves(title, lines, format) {
  const ends = lines.map(line => `${line.name} ends at ${format(line.values.at(-1).y)}`).join(", ");
  const chart = svg("svg", { class: "chart", role: "img", "aria-label": `${title} by epoch: ${ends}` });
  const place = element("div", { class: "chart-place" }, chart);
  new ResizeObserver(() => draw(place, chart, lines, format)).observe(place);
  return element("figure", {}, element("h3", {}, title), place,
    element("figcaption", {}, ...lines.map(keyOf)));
}
