/* answer.js: what the network answers: the digit, how likely each one is, what it
   saw, where in the drawing the evidence lies, and how long that took. */
import { byId, element, write, percent, milliseconds } from "./elements.js";
import { ramp, heatRamp, glowRamp, paintBytes, bytesOf } from "./colours.js";

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const SIDE = 28, BLANK = new Uint8Array(SIDE * SIDE);

export const REASONS = {
  blank: "no digit: no ink",
  unsure: "no digit: unsure",
  several: "more than one digit"
};

/* The likeliest but the answer. */
export function runnerUp(answer) {
  const others = DIGITS.filter(digit => digit !== answer.digit);
  return others.reduce((a, b) => answer.probabilities[b] > answer.probabilities[a] ? b : a);
}

/* ---- The ten bars ---- */

/* choose(digit) when one is pressed. */
export function makeOdds(choose) {
  for (const digit of DIGITS) {
    const button = element("button", { type: "button", class: "odd", "aria-pressed": "false" },
      element("span", { class: "name" }, `${digit}`),
      element("span", { class: "track" }, element("span", { class: "fill" })),
      element("span", { class: "value" }));
    button.addEventListener("click", () => choose(digit));
    byId("odds").append(element("li", {}, button));
  }
}

function showOdds(answer) {
  const second = answer.digit === null ? -1 : runnerUp(answer);
  byId("odds").querySelectorAll(".odd").forEach((row, digit) => {
    const share = answer.probabilities[digit], fill = row.querySelector(".fill");
    row.classList.toggle("best", digit === answer.digit);
    row.classList.toggle("second", digit === second);
    fill.style.width = `${100 * share}%`;
    write(row.querySelector(".value"), answer.reason === "blank" ? "" : percent(share));
  });
}

/* digit: whose heat was chosen, or null. */
export function showChosen(digit) {
  byId("odds").querySelectorAll(".odd").forEach((row, i) => {
    row.setAttribute("aria-pressed", String(i === digit));
  });
}

/* ---- The digit ---- */

/* In a sentence, for those who listen. */
export function sentence(answer) {
  if (answer.digit === null) return `${REASONS[answer.reason] ?? "no digit"}.`;
  const second = runnerUp(answer);
  return `${answer.digit}, ${percent(answer.confidence)} sure. Next ${second}, ${percent(answer.probabilities[second])}.`;
}

function showTruth(answer, label) {
  const truth = byId("truth"), isRight = label === answer.digit;
  write(truth, label === null ? "" : `it is a ${label}: ${isRight ? "right" : "wrong"}`);
  truth.classList.toggle("wrong", !isRight);
}

/* label: the true digit of a test image, or null. */
export function showAnswer(answer, label) {
  const isBlank = answer.reason === "blank", second = runnerUp(answer);
  write(byId("digit"), answer.digit === null ? "–" : `${answer.digit}`);
  byId("digit").classList.toggle("none", answer.digit === null);
  write(byId("sure"), answer.digit === null ? REASONS[answer.reason] ?? "no digit" : `${percent(answer.confidence)} sure`);
  write(byId("second"), isBlank ? "" : answer.digit === null
    ? `nearest: ${second}, ${percent(answer.probabilities[second])}`
    : `next: ${second}, ${percent(answer.probabilities[second])}`);
  showTruth(answer, label);
  showOdds(answer);
  showSeen(answer);
}

/* As if it had been asked: there is nothing to read in blank paper. */
export const NO_INK = { digit: null, reason: "blank", confidence: 0, probabilities: DIGITS.map(() => 0), image: "" };

function showSeen(answer) {
  const seen = answer.image === "" ? BLANK : bytesOf(answer.image);
  paintBytes(byId("seen"), seen, SIDE, SIDE, ramp("paper", "text"));
}

/* ---- Heat ---- */

/* Lays it over the paper: place {left, top, pixel} in sides of the paper. A pixel of
   nothing all around lets it end softly. over: on a photo, which hides what is
   under it. */
export function showHeat(heat, place, over) {
  const canvas = byId("heat"), side = SIDE + 2, wide = new Uint8Array(side * side);
  const values = bytesOf(heat.values);
  for (let y = 0; y < SIDE; y++) wide.set(values.subarray(y * SIDE, (y + 1) * SIDE), (y + 1) * side + 1);
  paintBytes(canvas, wide, side, side, over ? glowRamp() : heatRamp());
  canvas.classList.toggle("over", over);
  canvas.style.left = `${100 * (place.left - place.pixel)}%`;
  canvas.style.top = `${100 * (place.top - place.pixel)}%`;
  canvas.style.width = canvas.style.height = `${100 * place.pixel * side}%`;
  canvas.hidden = false;
}

export function hideHeat() {
  byId("heat").hidden = true;
}

/* ---- Time ---- */

const PARTS = [
  ["decode", "open the picture"], ["normalise", "find and centre the ink"], ["wait", "wait for a turn"],
  ["network", "network"], ["explain", "explain"], ["way", "there and back"]
];

export function makeSpent() {
  for (const [name, words] of PARTS) {
    byId("spent-bar").append(element("span", { class: `part ${name}` }));
    byId("spent").append(element("li", {}, element("span", { class: `swatch ${name}`, "aria-hidden": "true" }),
      element("span", {}, words), element("span", { class: "value" })));
  }
}

/* tookMs: from asking to the answer; what the server does not count is the way. */
export function showSpent(timing, tookMs) {
  const inServer = Object.values(timing).reduce((a, b) => a + b, 0);
  const times = { ...timing, way: Math.max(tookMs - inServer, 0) };
  const all = Math.max(inServer + times.way, 1e-6);
  write(byId("spent-title"), `Where the time went: ${milliseconds(all)}`);
  PARTS.forEach(([name], i) => {
    const ms = times[name] ?? 0;
    byId("spent-bar").children[i].style.width = `${100 * ms / all}%`;
    write(byId("spent").children[i].querySelector(".value"), milliseconds(ms));
  });
}

export function clearSpent() {
  write(byId("spent-title"), "Where the time went");
  PARTS.forEach((_, i) => {
    byId("spent-bar").children[i].style.width = "0";
    write(byId("spent").children[i].querySelector(".value"), "");
  });
}
