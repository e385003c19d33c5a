/* ink.js: from where a hand was to a line of ink, as in the window of `numeral
   draw` (app/draw/ink_pen.c, src/data/pen.c). Lengths are in sides of the paper. */

/* The pen's sizes 1 to 9, as radii; MNIST's pens are as 3 to 5. */
export const RADII = [0.010, 0.016, 0.022, 0.028, 0.034, 0.042, 0.052, 0.064, 0.078];
export const USUAL_SIZE = 5;

const STEP = 0.008; /* between dots of a curve */
const DOTS_MAX = 17; /* of one curve */
/* The way on which the width follows: a hand's speed is uneven, a pen's pressure
   means what it says. */
const SPEED_WAY = 0.05, PRESSURE_WAY = 0.012;
const START_WIDTH = 0.85; /* before the speed is known */
const MEMORY = 0.75; /* of the speed, from point to point */

/* Devices that cannot feel it say 0 or 1 always, or nothing. */
function saysPressure(point) {
  return point.pressure > 0 && point.pressure < 1;
}

function widthForPressure(pressure) {
  return 0.4 + 1.2 * pressure;
}

/* 1 at one side of the paper in a second. */
function widthForSpeed(sidesPerSecond) {
  return Math.max(1.3 / (1 + 0.3 * sidesPerSecond), 0.55);
}

/* A line goes through the middles between points, each piece a parabola that the
   point between them bends: smooth at once, and half a point behind the hand. A
   point is {x, y, pressure, time} (ms); each method gives the dots {x, y, radius}
   of the line from where the one before ended. */
export class Pen {
  constructor(point, radius) {
    this.radius = radius;
    this.last = point;
    this.way = this.seconds = 0;
    this.width = saysPressure(point) ? widthForPressure(point.pressure) : START_WIDTH;
    this.tip = { x: point.x, y: point.y, radius: radius * this.width };
  }

  start() {
    return [this.tip];
  }

  move(point) {
    const length = Math.hypot(point.x - this.last.x, point.y - this.last.y);
    this.#follow(point, length);
    const end = {
      x: (this.last.x + point.x) / 2, y: (this.last.y + point.y) / 2,
      radius: this.radius * this.width
    };
    const dots = this.#curve(end, length);
    this.tip = end;
    this.last = point;
    return dots;
  }

  finish() {
    return [this.tip, { x: this.last.x, y: this.last.y, radius: this.tip.radius }];
  }

  #follow(point, length) {
    this.way = MEMORY * this.way + length;
    this.seconds = MEMORY * this.seconds + (point.time - this.last.time) / 1000;
    const feels = saysPressure(point);
    const goal = feels ? widthForPressure(point.pressure)
      : widthForSpeed(this.way / Math.max(this.seconds, 1e-3));
    this.width += (goal - this.width) * (1 - Math.exp(-length / (feels ? PRESSURE_WAY : SPEED_WAY)));
  }

  #curve(end, length) {
    const pieces = Math.min(Math.max(Math.ceil(length / STEP), 1), DOTS_MAX - 1);
    const dots = [];
    for (let i = 0; i <= pieces; i++) {
      const t = i / pieces, s = 1 - t;
      dots.push({
        x: s * s * this.tip.x + 2 * s * t * this.last.x + t * t * end.x,
        y: s * s * this.tip.y + 2 * s * t * this.last.y + t * t * end.y,
        radius: s * this.tip.radius + t * end.radius
      });
    }
    return dots;
  }
}

/* All dots of a finished or an open line. */
export function* piecesOf(points, radius, finished) {
  const pen = new Pen(points[0], radius);
  yield pen.start();
  for (const point of points.slice(1)) yield pen.move(point);
  if (finished) yield pen.finish();
}

/* ---- Ink as bytes of a square raster, 0 paper, 255 ink: one for the network, one
   for the eye. Drawn here and not by the browser, so that every browser shows and
   sends the same pixels. ---- */

export class InkRaster {
  constructor(side) {
    this.side = side;
    this.pixels = new Uint8ClampedArray(side * side);
  }

  clear() {
    this.pixels.fill(0);
  }

  draw(dots) {
    if (dots.length === 1) this.#piece(dots[0], dots[0]);
    for (let i = 0; i + 1 < dots.length; i++) this.#piece(dots[i], dots[i + 1]);
  }

  /* {left, top, right, bottom}: the pixels that dots may have changed. */
  boxOf(dots) {
    const side = this.side, within = at => Math.min(Math.max(Math.trunc(at), 0), side);
    return {
      left: within(Math.min(...dots.map(dot => dot.x - dot.radius)) * side - 1),
      top: within(Math.min(...dots.map(dot => dot.y - dot.radius)) * side - 1),
      right: within(Math.max(...dots.map(dot => dot.x + dot.radius)) * side + 2),
      bottom: within(Math.max(...dots.map(dot => dot.y + dot.radius)) * side + 2)
    };
  }

  /* A capsule with two radii: a pixel's ink is how far it lies inside, up to one
     pixel. */
  #piece(from, to) {
    const side = this.side, { left, top, right, bottom } = this.boxOf([from, to]);
    const x0 = from.x * side, y0 = from.y * side, r0 = from.radius * side + 0.5;
    const dx = to.x * side - x0, dy = to.y * side - y0, widening = (to.radius - from.radius) * side;
    const perLength2 = 1 / Math.max(dx * dx + dy * dy, 1e-6);
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const px = x + 0.5 - x0, py = y + 0.5 - y0;
        const along = Math.min(Math.max((px * dx + py * dy) * perLength2, 0), 1);
        const ex = px - along * dx, ey = py - along * dy;
        const ink = 255 * Math.min(r0 + along * widening - Math.sqrt(ex * ex + ey * ey), 1);
        if (ink > this.pixels[y * side + x]) this.pixels[y * side + x] = ink;
      }
    }
  }
}
