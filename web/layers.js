/* layers.js: what comes out of every layer: maps as small pictures, numbers as a
   strip, and the ten values that become probabilities. */
import { byId, element, write, shapeOf } from "./elements.js";
import { ramp, css, paintBytes, bytesOf } from "./colours.js";

export const MAPS_MAX = 16; /* of each layer */
const GAP_PX = 4, MAP_LEAST_PX = 40, NARROW_PX = 400;
const STRIP_COLUMNS = 128, STRIP_LEAST_PX = 16;

let shown = []; /* one for each layer: {layer, paint(bytes, colours), fit(width)} */
let signature = ""; /* of the layers that are laid out */

function shownOf(layer) {
  const isFlat = layer.height * layer.width === 1;
  return layer.shown ?? (isFlat ? layer.channels : Math.min(layer.channels, MAPS_MAX));
}

/* ---- Three ways to show a layer ---- */

/* Each pixel of a map becomes a square of whole pixels of the screen, with as many
   maps in a row as are large enough to be seen. */
function rowFor(side, width) {
  const rows = (width < NARROW_PX ? [4] : [8, 6, 4]).map(columns => {
    const room = (width - GAP_PX * (columns - 1)) / columns - 2;
    return { columns, scale: Math.max(1, Math.floor(room * devicePixelRatio / side) / devicePixelRatio) };
  });
  return rows.find(row => row.scale * side >= MAP_LEAST_PX) ?? rows.at(-1);
}

function makeMaps(layer, box) {
  const count = shownOf(layer), size = layer.height * layer.width;
  const canvases = Array.from({ length: count }, () =>
    element("canvas", { class: "map", width: layer.width, height: layer.height }));
  box.append(...canvases);
  return {
    paint(bytes, colours) {
      canvases.forEach((canvas, i) =>
        paintBytes(canvas, bytes.subarray(i * size, (i + 1) * size), layer.width, layer.height, colours));
    },
    fit(width) {
      const { columns, scale } = rowFor(Math.max(layer.width, layer.height), width);
      box.style.maxWidth = `${columns * (scale * layer.width + 2 + GAP_PX)}px`;
      for (const canvas of canvases) {
        canvas.style.width = `${scale * layer.width}px`;
        canvas.style.height = `${scale * layer.height}px`;
      }
    }
  };
}

function makeStrip(layer, box) {
  const rows = Math.ceil(layer.channels / STRIP_COLUMNS), columns = Math.ceil(layer.channels / rows);
  const canvas = element("canvas", { class: "strip", width: columns, height: rows });
  const padded = new Uint8Array(rows * columns);
  box.append(canvas);
  return {
    paint(bytes, colours) {
      padded.set(bytes);
      paintBytes(canvas, padded, columns, rows, colours);
    },
    fit(width) {
      const scale = Math.max(1, Math.floor((width - 2) / columns));
      canvas.style.width = `${scale * columns}px`;
      canvas.style.height = `${Math.max(scale * rows, STRIP_LEAST_PX)}px`;
    }
  };
}

/* Never "-0.0". */
const tenths = value => (Math.round(10 * value) / 10 + 0).toFixed(1);

function makeTen(layer, box) {
  const cells = Array.from({ length: layer.channels }, (_, digit) => {
    const cell = { colour: element("span", { class: "shade" }), value: element("span", { class: "value" }) };
    cell.row = element("li", {}, cell.colour, element("span", { class: "name" }, `${digit}`), cell.value);
    return cell;
  });
  box.append(element("ol", { class: "ten" }, ...cells.map(cell => cell.row)));
  return {
    paint(bytes, colours, { lowest, highest }) {
      cells.forEach((cell, i) => {
        cell.colour.style.backgroundColor = css(colours[bytes[i]]);
        write(cell.value, lowest === highest ? "" : tenths(lowest + bytes[i] / 255 * (highest - lowest)));
      });
    },
    fit() {}
  };
}

function makeNothing() {
  return { paint() {}, fit() {} };
}

/* What is flattened has been seen in the layer before it. */
const isSame = layer => layer.text === "flatten";

function wordsOf(layer, isTen) {
  const count = shownOf(layer);
  if (isTen) return "ten values, before they become probabilities";
  if (isSame(layer)) return `the same ${layer.height * layer.width * layer.channels} numbers, in one row`;
  return `${shapeOf(layer)}${count < layer.channels ? `, the first ${count} of ${layer.channels} maps` : ""}`;
}

function makeLayer(layer, isLast) {
  const isFlat = layer.height * layer.width === 1, isTen = isLast && isFlat;
  const words = wordsOf(layer, isTen);
  const box = element("div", { class: "maps" });
  if (!isTen && !isSame(layer)) {
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", `What comes out of ${layer.text}`);
  }
  byId("layers").append(element("section", { class: "layer" },
    element("h3", {}, layer.text, " ", element("span", { class: "faint" }, words)), box));
  const make = isSame(layer) ? makeNothing : !isFlat ? makeMaps : isTen ? makeTen : makeStrip;
  return { ...make(layer, box), layer };
}

/* ---- All of them ---- */

/* Lays out these layers (of the model, or of an answer), unless they are there. */
export function layOut(layers) {
  const wanted = JSON.stringify(layers.map(layer =>
    [layer.text, ...isSame(layer) ? [] : [layer.height, layer.width, shownOf(layer)]]));
  if (wanted === signature) return;
  signature = wanted;
  byId("layers").replaceChildren();
  shown = layers.map((layer, i) => makeLayer(layer, i === layers.length - 1));
  fit();
  clearLayers();
}

export function showLayers(layers) {
  const colours = ramp("paper", "first");
  layOut(layers);
  layers.forEach((layer, i) => shown[i].paint(bytesOf(layer.maps), colours, layer));
}

/* Paper, where there is nothing to show. */
export function clearLayers() {
  const colours = ramp("paper", "first");
  for (const { layer, paint } of shown) {
    const blank = new Uint8Array(layer.height * layer.width * shownOf(layer));
    paint(blank, colours, { lowest: 0, highest: 0 });
  }
}

function fit() {
  const width = Math.floor(byId("layers").getBoundingClientRect().width);
  for (const each of shown) each.fit(width);
}

new ResizeObserver(fit).observe(byId("layers"));
