/* hand.js: a finger, a pen, a mouse or the arrow keys, as strokes of a drawing. One
   line at a time: a second touch is a palm, and a pen takes over from a finger. */
import { byId } from "./elements.js";

const NEAREST = 0.004; /* nearer points are no news, only the device's steps */
const KEY_STEP = 0.02, KEY_FAR_STEP = 0.1;
const CURSOR_LEAST_PX = 5;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/* Calls of the page: began() with every line, changed() after every point, radius()
   of the pen, say(words) for those who do not see the pen. */
export class Hand {
  constructor(drawing, calls) {
    this.drawing = drawing;
    this.calls = calls;
    this.canvas = drawing.canvas;
    this.pointer = null; /* {id, type} of the line that is being drawn */
    this.last = this.ahead = null; /* point of the line; where the hand is since */
    this.keys = { x: 0.5, y: 0.5, on: false };
    this.canvas.addEventListener("pointerdown", event => this.#down(event));
    this.canvas.addEventListener("pointermove", event => this.#move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      this.canvas.addEventListener(end, event => this.#up(event));
    }
    this.canvas.addEventListener("contextmenu", event => {
      if (event.pointerType === "touch" || this.drawing.penIsDown) event.preventDefault();
    });
    this.canvas.addEventListener("keydown", event => this.#key(event));
    this.canvas.addEventListener("blur", () => this.#putKeysAway());
  }

  /* Ends the line, if one is being drawn. */
  lift() {
    if (!this.drawing.penIsDown) return;
    if (this.ahead !== null) this.drawing.move(this.ahead);
    this.ahead = this.pointer = null;
    this.drawing.up();
    this.calls.changed();
    this.showKeys();
  }

  /* ---- Pointers ---- */

  #box() {
    return this.canvas.getBoundingClientRect();
  }

  /* box: where the paper is in the window. */
  #point(event, box) {
    return {
      x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height,
      pressure: event.pointerType === "pen" ? event.pressure : -1, time: event.timeStamp
    };
  }

  #down(event) {
    const isPen = event.pointerType === "pen";
    if (event.button !== 0) return;
    if (this.pointer !== null && !(isPen && this.pointer.type === "touch")) return;
    this.#putKeysAway();
    if (this.pointer !== null) this.drawing.forget();
    this.pointer = { id: event.pointerId, type: event.pointerType };
    try {
      this.canvas.setPointerCapture(event.pointerId);
    } catch { /* it has gone already */ }
    this.#begin(this.#point(event, this.#box()));
  }

  #move(event) {
    if (this.pointer?.id !== event.pointerId) return;
    const all = event.getCoalescedEvents?.() ?? [], box = this.#box();
    for (const each of all.length > 0 ? all : [event]) this.#go(this.#point(each, box));
    this.calls.changed();
  }

  #up(event) {
    if (this.pointer?.id !== event.pointerId) return;
    if (event.type === "pointerup") this.#go(this.#point(event, this.#box()));
    this.lift();
  }

  #begin(point) {
    this.last = point;
    this.ahead = null;
    this.calls.began();
    this.drawing.down(point, this.calls.radius());
    this.calls.changed();
  }

  #go(point) {
    const length = Math.hypot(point.x - this.last.x, point.y - this.last.y);
    this.ahead = length > 0 && length < NEAREST ? point : null;
    if (length < NEAREST) return;
    this.drawing.move(point);
    this.last = point;
  }

  /* ---- Keys ---- */

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key], isSpace = event.key === " ";
    if (event.key === "Escape") this.#putKeysAway();
    if (!arrow && !isSpace) return;
    event.preventDefault();
    if (!this.keys.on) this.lift(); /* a line of the mouse ends here */
    this.keys.on = true;
    if (isSpace && !event.repeat) this.#togglePen(event.timeStamp);
    if (arrow) this.#moveKeys(arrow, event.shiftKey ? KEY_FAR_STEP : KEY_STEP, event.timeStamp);
    this.showKeys();
  }

  #keyPoint(time) {
    return { x: this.keys.x, y: this.keys.y, pressure: -1, time };
  }

  /* Down and up at one place: that is a dot. */
  #togglePen(time) {
    if (this.drawing.penIsDown) this.lift();
    else this.#begin(this.#keyPoint(time));
    const place = `${Math.round(100 * this.keys.x)} across, ${Math.round(100 * this.keys.y)} down`;
    this.calls.say(`Pen ${this.drawing.penIsDown ? "down" : "up"} at ${place}.`);
  }

  #moveKeys([across, down], step, time) {
    this.keys.x = Math.min(Math.max(this.keys.x + across * step, 0), 1);
    this.keys.y = Math.min(Math.max(this.keys.y + down * step, 0), 1);
    if (!this.drawing.penIsDown) return;
    this.#go(this.#keyPoint(time));
    this.calls.changed();
  }

  #putKeysAway() {
    if (!this.keys.on) return;
    this.lift();
    this.keys.on = false;
    this.showKeys();
  }

  /* A ring where the pen is lifted, a disc where it is down. */
  showKeys() {
    const cursor = byId("cursor"), side = this.canvas.clientWidth;
    cursor.hidden = !this.keys.on;
    if (!this.keys.on) return;
    const radius = Math.max(this.calls.radius() * side, CURSOR_LEAST_PX);
    cursor.classList.toggle("down", this.drawing.penIsDown);
    cursor.style.left = `${100 * this.keys.x}%`;
    cursor.style.top = `${100 * this.keys.y}%`;
    cursor.style.width = cursor.style.height = `${2 * radius}px`;
  }
}
