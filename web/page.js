/* page.js: the page of numeral serve: what is drawn is asked about, and what is
   answered is shown. Each part is a file of its own; this one ties them together. */
import { byId, element, write } from "./elements.js";
import { dark, bytesOf } from "./colours.js";
import { RADII, USUAL_SIZE } from "./ink.js";
import { Drawing } from "./drawing.js";
import { Hand } from "./hand.js";
import { Asker, get } from "./asking.js";
import { pictureOf, fileOf } from "./picture.js";
import * as answers from "./answer.js";
import { layOut, showLayers, clearLayers, MAPS_MAX } from "./layers.js";
import { makeTabs } from "./tabs.js";
import { openModel } from "./model.js";

const PAUSE_MS = 700; /* without a change, before the answer is spoken */
const SIZE_KEY = "numeral-pen";

const state = {
  model: null, /* its name, or null until the server has said */
  heatOn: false, heatDigit: null, /* null: of the answer */
  pen: USUAL_SIZE,
  last: null, /* {answer, place, tookMs}: what is shown; null: blank paper */
  tab: "draw"
};

/* ---- Words ---- */

function say(words, isBad = false) {
  write(byId("message-text"), words);
  byId("message").classList.toggle("wrong", isBad);
}

let speaking = 0;
function speakLater() {
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    if (drawing.penIsDown) return speakLater();
    write(byId("spoken"), state.last ? answers.sentence(state.last.answer) : "No digit yet.");
  }, PAUSE_MS);
}

/* ---- Asking ---- */

async function question() {
  if (drawing.isBlank) return null;
  const message = await drawing.message();
  const path = new URLSearchParams({ maps: MAPS_MAX });
  if (state.heatOn && state.heatDigit !== null) path.set("heat", state.heatDigit);
  if (state.model !== null) path.set("model", state.model);
  return { ...message, path: `/v1/explain?${path}`, paper: drawing.paper };
}

function answered(asked, answer, tookMs) {
  if (byId("message").dataset.waiting) say("");
  delete byId("message").dataset.waiting;
  /* the paper is another one since: what is there now is asked about next */
  if (drawing.isBlank || drawing.paper !== asked.paper) return;
  state.last = { answer, place: asked.toPaper(answer.frame), tookMs };
  show();
  speakLater();
}

function refused(asked, sentence) {
  say(sentence, true);
  if (drawing.paper !== asked.paper) return;
  state.last = null;
  show();
}

function waiting(sentence) {
  byId("message").dataset.waiting = "yes";
  if (state.last === null) show();
  say(sentence, true);
}

function busy(isBusy) {
  byId("answer").setAttribute("aria-busy", String(isBusy));
}

/* ---- Showing ---- */

function show() {
  const answer = state.last?.answer ?? answers.NO_INK, paper = drawing.paper;
  answers.showAnswer(answer, paper.kind === "sample" ? paper.label : null);
  if (state.last === null && drawing.isBlank) write(byId("sure"), "no digit yet");
  if (state.last === null && !drawing.isBlank) write(byId("sure"), "no answer yet");
  if (answer.layers) showLayers(answer.layers);
  else clearLayers();
  if (state.last) answers.showSpent(answer.timing_ms, state.last.tookMs);
  else answers.clearSpent();
  showHeat();
}

function showHeat() {
  const heat = state.last?.answer.heat, wanted = state.heatDigit;
  byId("warm").setAttribute("aria-pressed", String(state.heatOn));
  answers.showChosen(state.heatOn ? wanted : null);
  const isThere = state.heatOn && heat && state.last.place.pixel > 0 && !hasNoPicture();
  if (isThere) answers.showHeat(heat, state.last.place, drawing.paper.kind === "picture");
  else answers.hideHeat();
  write(byId("odds-note"), isThere ? `The warmer, the more it speaks for ${heat.digit} (${heat.method}).`
    : "Choose a digit to see what in the drawing speaks for it.");
}

/* A picture of a kind that the browser cannot show. */
function hasNoPicture() {
  return drawing.paper.kind === "picture" && drawing.paper.bitmap === null;
}

function showInvitation() {
  const words = hasNoPicture() ? `${drawing.paper.name}: this browser cannot show it, but it is read` : "Draw a digit here";
  write(byId("invitation"), words);
  byId("invitation").hidden = !drawing.isBlank && !hasNoPicture();
}

/* ---- The drawing ---- */

function changed() {
  showInvitation();
  byId("undo").disabled = !drawing.canUndo;
  byId("clear").disabled = drawing.isBlank;
  byId("save").disabled = drawing.isBlank;
  if (drawing.isBlank) {
    state.last = null;
    show();
    speakLater();
  } else {
    asker.want();
  }
}

const drawing = new Drawing(byId("canvas"));
const asker = new Asker({ question, answered, refused, waiting, busy });
const hand = new Hand(drawing, {
  changed,
  began: () => say(""),
  radius: () => RADII[state.pen - 1],
  say: words => write(byId("spoken"), words)
});

/* ---- Tools ---- */

function undo() {
  hand.lift();
  if (!drawing.canUndo) return say("There is nothing to undo.");
  drawing.undo();
  say("");
  changed();
}

function clear() {
  hand.lift();
  if (drawing.isBlank) return say("There is nothing to clear.");
  drawing.clear();
  say("Cleared: Undo brings it back.");
  changed();
}

async function random() {
  hand.lift();
  try {
    const sample = await get("/v1/samples/random");
    hand.lift();
    drawing.putSample(bytesOf(sample.pixels), sample.label, sample.name);
    const [data, , index] = sample.name.split(":");
    say(`Image ${index} of the test set of ${data === "mnist" ? "MNIST" : "drawn digits"}.`);
    changed();
  } catch (error) {
    say(error.message, true);
  }
}

function warm() {
  state.heatOn = !state.heatOn;
  state.heatDigit = null;
  showHeat();
  asker.want();
}

/* The one that is chosen already: back to the answer's. */
function chooseDigit(digit) {
  state.heatDigit = state.heatOn && state.heatDigit === digit ? null : digit;
  state.heatOn = true;
  showHeat();
  asker.want();
}

async function save() {
  hand.lift();
  if (drawing.isBlank) return say("There is nothing to save yet.");
  const address = URL.createObjectURL(await drawing.file());
  const name = drawing.paper.kind === "picture" ? drawing.paper.name : "drawing.png";
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  say(`Saved ${name}.`);
}

function resizePen(by) {
  state.pen = Math.min(Math.max(state.pen + by, 1), RADII.length);
  try {
    localStorage.setItem(SIZE_KEY, state.pen);
  } catch { /* a private window keeps nothing */ }
  say(`Pen ${state.pen} of ${RADII.length}.`);
  showTip();
}

function showTip() {
  byId("tip").style.width = byId("tip").style.height = `${Math.round(2 * RADII[state.pen - 1] * 200)}px`;
  hand.showKeys();
}

async function take(file) {
  if (file === null) return say("There is no picture in that.", true);
  hand.lift();
  try {
    drawing.putPicture(await pictureOf(file));
    say(`${drawing.paper.name}. Draw on it to begin on new paper.`);
    changed();
  } catch (error) {
    say(error.message, true);
  }
}

const COMMANDS = { undo, clear, random, warm, save, thinner: () => resizePen(-1), thicker: () => resizePen(1),
  choose: () => byId("file").click(), photo: () => byId("camera").click() };
const KEYS = { u: "undo", c: "clear", r: "random", e: "warm", s: "save", "-": "thinner", "+": "thicker", "=": "thicker" };

for (const [id, command] of Object.entries(COMMANDS)) byId(id).addEventListener("click", command);
for (const id of ["file", "camera"]) {
  byId(id).addEventListener("change", event => {
    if (event.target.files.length > 0) take(event.target.files[0]);
    event.target.value = ""; /* the same file may be chosen again */
  });
}

/* Letters work where the focus is in the drawing's page, or nowhere. */
addEventListener("keydown", event => {
  const isIn = event.target === document.body || byId("draw").contains(event.target);
  if (state.tab !== "draw" || !isIn || event.altKey) return;
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  const name = isUndo ? "undo" : event.ctrlKey || event.metaKey ? null : KEYS[event.key.toLowerCase()];
  if (!name) return;
  event.preventDefault();
  COMMANDS[name]();
});

/* ---- Pictures from elsewhere ---- */

addEventListener("dragover", event => {
  event.preventDefault();
  byId("paper").classList.add("dropping");
});
addEventListener("dragleave", event => {
  if (event.relatedTarget === null) byId("paper").classList.remove("dropping");
});
addEventListener("drop", event => {
  event.preventDefault();
  byId("paper").classList.remove("dropping");
  if (state.tab === "draw") take(fileOf(event.dataTransfer));
});
addEventListener("paste", event => {
  if (state.tab === "draw") take(fileOf(event.clipboardData));
});

/* ---- Models ---- */

async function showModel(name) {
  state.model = name;
  if (state.tab === "model") openModel(name);
  if (drawing.isBlank) layOut((await get(`/v1/models/${encodeURIComponent(name)}`)).layers);
  else asker.want();
}

async function findModels() {
  const { default: usual, models } = await get("/v1/models");
  byId("models").replaceChildren(...models.map(({ name }) => element("option", { value: name }, name)));
  byId("models").value = usual;
  byId("choice").hidden = models.length < 2;
  await showModel(usual);
}

byId("models").addEventListener("change", event => {
  showModel(event.target.value).catch(error => say(error.message, true));
});

/* ---- From the beginning ---- */

function fitPaper() {
  const side = Math.round(byId("paper").clientWidth * devicePixelRatio);
  if (side > 0) drawing.resize(side);
  hand.showKeys();
}

function repaint() {
  drawing.repaint();
  show();
}

try {
  state.pen = Math.min(Math.max(Number(localStorage.getItem(SIZE_KEY)) || USUAL_SIZE, 1), RADII.length);
} catch { /* a private window keeps nothing */ }
answers.makeOdds(chooseDigit);
answers.makeSpent();
showTip();
changed();
new ResizeObserver(fitPaper).observe(byId("paper"));
dark.addEventListener("change", repaint);
makeTabs(name => {
  state.tab = name;
  if (name === "model" && state.model !== null) openModel(state.model);
});
findModels().catch(error => say(error.message, true));
document.documentElement.dataset.ready = "yes";
