/* colours.js: the theme's colours for what is painted on a canvas, by the rules
   of app/look.h. The roles come from /look.css; heat's two hotter stops are here
   and in look_heat alone. */

export const dark = matchMedia("(prefers-color-scheme: dark)");

const HOTTER = { light: ["#f0a33c", "#7a1c05"], dark: ["#b4571c", "#ffedc4"] };
const HEAT_SHARE = 0.72; /* of heat's range: the hottest is as dark as ink */

/* "#00528f" as [r, g, b]. */
export function numbers(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16 & 255, value >> 8 & 255, value & 255];
}

/* Read once a theme: a line asks at every point. */
const known = new Map();
dark.addEventListener("change", () => known.clear());

/* "page", "paper", "text", "faint", "line", "first", "second", "wrong" */
export function colour(role) {
  if (!known.has(role)) {
    known.set(role, getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim());
  }
  return known.get(role);
}

function mix(from, to, share) {
  return from.map((a, i) => Math.round(a + (to[i] - a) * share));
}

/* 256 colours from one role to another, [r, g, b] each. */
export function ramp(from, to) {
  const a = numbers(colour(from)), b = numbers(colour(to));
  return Array.from({ length: 256 }, (_, i) => mix(a, b, i / 255));
}

/* Heat 0..1, from paper over orange to the strongest. */
export function heatColour(share) {
  const stops = [colour("paper"), ...HOTTER[dark.matches ? "dark" : "light"]].map(numbers);
  const at = Math.min(Math.max(share, 0), 1) * 2;
  return at > 1 ? mix(stops[1], stops[2], at - 1) : mix(stops[0], stops[1], at);
}

/* 256 heats under ink. */
export function heatRamp() {
  return Array.from({ length: 256 }, (_, i) => heatColour(HEAT_SHARE * i / 255));
}

/* 256 heats over a photo, which has its own paper: the colours of light paper, the
   clearer the less heat there is. */
export function glowRamp() {
  const [warm, hot] = HOTTER.light.map(numbers);
  return Array.from({ length: 256 }, (_, i) => [...mix(warm, hot, i / 255 * HEAT_SHARE), Math.round(0.8 * i)]);
}

export function css(rgb) {
  return `rgb(${rgb.join(" ")})`;
}

/* Paints bytes [height][width] on a canvas of that size, each with its colour of
   the ramp ([r, g, b], and how opaque where that is not 255). */
export function paintBytes(canvas, bytes, width, height, colours) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const [r, g, b, alpha = 255] = colours[bytes[i]];
    image.data[4 * i] = r;
    image.data[4 * i + 1] = g;
    image.data[4 * i + 2] = b;
    image.data[4 * i + 3] = alpha;
  }
  context.putImageData(image, 0, 0);
}

/* The server's base64 as bytes. */
export function bytesOf(text) {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}
