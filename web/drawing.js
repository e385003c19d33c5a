/* drawing.js: what is on the paper: strokes, perhaps over a test image, or a
   picture. What was done is a list of steps, so that undoing takes the last one
   away; what is seen are the steps from the last paper on. Must not know the
   server. */
import { Pen, InkRaster, piecesOf } from "./ink.js";
import { colour, numbers } from "./colours.js";

const READ_PX = 140; /* what is sent: five pixels for one of MNIST's */
const IMAGE_PX = 28, SAVE_PX = 560;

/* A step is {kind: "stroke", points, radius}, or new paper: {kind: "blank"},
   {kind: "sample", pixels, label, name} or {kind: "picture", ...} with what
   picture.js gives. */
export class Drawing {
  constructor(canvas) {
    this.canvas = canvas;
    this.raster = new InkRaster(READ_PX); /* for the network */
    this.shown = new InkRaster(canvas.width); /* for the eye */
    this.steps = [{ kind: "blank" }];
    this.pen = null;
    this.version = 0; /* another one whenever there is something new to read */
  }

  /* ---- What there is ---- */

  get #paperAt() {
    return this.steps.findLastIndex(step => step.kind !== "stroke");
  }
  get paper() {
    return this.steps[this.#paperAt];
  }
  get strokes() {
    return this.steps.slice(this.#paperAt + 1);
  }
  get isBlank() {
    return this.paper.kind === "blank" && this.strokes.length === 0;
  }
  get canUndo() {
    return this.steps.length > 1;
  }
  get penIsDown() {
    return this.pen !== null;
  }

  /* ---- Strokes ---- */

  /* On a picture, a stroke begins new paper. */
  down(point, radius) {
    if (this.paper.kind === "picture") this.#put({ kind: "blank" });
    this.steps.push({ kind: "stroke", points: [point], radius });
    this.pen = new Pen(point, radius);
    this.#add(this.pen.start());
  }

  move(point) {
    this.steps.at(-1).points.push(point);
    this.#add(this.pen.move(point));
  }

  up() {
    const dots = this.pen.finish();
    this.pen = null;
    this.#add(dots);
  }

  /* Takes back the stroke that is being drawn: it was a palm. */
  forget() {
    this.pen = null;
    this.steps.pop();
    this.render();
  }

  /* ---- Steps; the pen must be up ---- */

  undo() {
    if (this.canUndo) this.steps.pop();
    this.render();
  }

  clear() {
    if (!this.isBlank) this.#put({ kind: "blank" });
  }

  putSample(pixels, label, name) {
    this.#put({ kind: "sample", pixels, label, name });
  }

  putPicture(picture) {
    this.#put({ kind: "picture", ...picture });
  }

  #put(paper) {
    this.steps.push(paper);
    this.render();
  }

  /* ---- For the eye ---- */

  /* Pixels of the screen, not of CSS. */
  resize(side) {
    if (this.shown.side === side) return;
    this.canvas.width = this.canvas.height = side;
    this.shown = new InkRaster(side);
    this.#fill(this.shown);
    this.repaint();
  }

  /* Draws all of it again. */
  render() {
    this.version++;
    this.#fill(this.raster);
    this.#fill(this.shown);
    this.repaint();
  }

  /* The same in another theme. */
  repaint() {
    const side = this.shown.side;
    if (this.paper.kind === "picture") this.#paintPicture(side);
    else this.#paint({ left: 0, top: 0, right: side, bottom: side });
  }

  #fill(raster) {
    const strokes = this.strokes;
    if (this.paper.kind === "sample") raster.pixels.set(enlarge(this.paper.pixels, raster.side));
    else raster.clear();
    for (const stroke of strokes) {
      const isOpen = this.penIsDown && stroke === strokes.at(-1);
      for (const dots of piecesOf(stroke.points, stroke.radius, !isOpen)) raster.draw(dots);
    }
  }

  #add(dots) {
    this.version++;
    this.raster.draw(dots);
    this.shown.draw(dots);
    this.#paint(this.shown.boxOf(dots));
  }

  /* Ink on nothing, so that heat shows through. */
  #paint({ left, top, right, bottom }) {
    const width = right - left, height = bottom - top, { side, pixels } = this.shown;
    if (width <= 0 || height <= 0) return;
    const image = new ImageData(width, height), [red, green, blue] = numbers(colour("text"));
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0; x < width; x++, to += 4) {
        image.data[to] = red;
        image.data[to + 1] = green;
        image.data[to + 2] = blue;
        image.data[to + 3] = pixels[(top + y) * side + left + x];
      }
    }
    this.canvas.getContext("2d").putImageData(image, left, top);
  }

  #paintPicture(side) {
    const context = this.canvas.getContext("2d"), { bitmap, width, height } = this.paper;
    context.clearRect(0, 0, side, side);
    if (bitmap === null) return;
    const { x, y, scale } = this.placeOfPicture();
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, x * side, y * side, width * scale * side, height * scale * side);
  }

  /* Where a picture lies, whole and in the middle; scale: of one of its pixels. */
  placeOfPicture() {
    const { width, height } = this.paper, scale = 1 / Math.max(width, height);
    return { x: (1 - width * scale) / 2, y: (1 - height * scale) / 2, scale };
  }

  /* ---- For the server ---- */

  /* {body, type, toPaper}: toPaper turns the frame that the server gives, in pixels
     of what was sent, into sides of the paper. A test image goes as it is. */
  async message() {
    if (this.paper.kind === "picture") {
      const place = this.placeOfPicture(), { body, width, sentWidth } = this.paper;
      const scale = place.scale * width / sentWidth;
      return { body, type: body.type || "application/octet-stream",
        toPaper: frame => onPaper(frame, scale, place.x, place.y) };
    }
    if (this.paper.kind === "sample" && this.strokes.length === 0) {
      return { body: JSON.stringify({ pixels: [...this.paper.pixels] }), type: "application/json",
        toPaper: () => ({ left: 0, top: 0, pixel: 1 / IMAGE_PX }) };
    }
    const body = await png(this.raster.pixels, READ_PX);
    return { body, type: "image/png", toPaper: frame => onPaper(frame, 1 / READ_PX, 0, 0) };
  }

  /* What is on the paper as a file: a drawing dark on white. */
  async file() {
    if (this.paper.kind === "picture") return this.paper.body;
    const large = new InkRaster(SAVE_PX);
    this.#fill(large);
    return png(large.pixels, SAVE_PX);
  }
}

/* Where there is no ink, there may be no frame. */
function onPaper(frame, scale, x, y) {
  if (!frame) return { left: 0, top: 0, pixel: 0 };
  return { left: x + frame.left_px * scale, top: y + frame.top_px * scale, pixel: frame.pixel_px * scale };
}

/* ---- Pixels ---- */

/* Black ink on white, whatever the theme. */
function png(ink, side) {
  const canvas = document.createElement("canvas"), image = new ImageData(side, side);
  canvas.width = canvas.height = side;
  for (let i = 0; i < ink.length; i++) {
    image.data.fill(255 - ink[i], 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return new Promise(done => canvas.toBlob(done, "image/png"));
}

/* Keys' cubic convolution (1981): how much each of the four values about a place has
   of it; t: how far it is from the second to the third. */
function shares(t) {
  return [t * (-1 + t * (2 - t)) / 2, (2 + t * t * (-5 + 3 * t)) / 2,
    t * (1 + t * (4 - 3 * t)) / 2, t * t * (t - 1) / 2];
}

/* 28 values, `step` apart, as `side` values, smooth between them. */
function stretch(from, at, step, to, start, stride, side) {
  for (let i = 0; i < side; i++) {
    const place = (i + 0.5) * IMAGE_PX / side - 0.5, left = Math.floor(place);
    const weights = shares(place - left);
    let sum = 0;
    for (let k = 0; k < 4; k++) {
      const near = left + k - 1;
      if (near >= 0 && near < IMAGE_PX) sum += weights[k] * from[at + near * step];
    }
    to[start + i * stride] = sum;
  }
}

/* 28 x 28 as side x side, bytes. */
function enlarge(pixels, side) {
  const wide = new Float32Array(IMAGE_PX * side), large = new Uint8ClampedArray(side * side);
  for (let y = 0; y < IMAGE_PX; y++) stretch(pixels, y * IMAGE_PX, 1, wide, y * side, 1, side);
  for (let x = 0; x < side; x++) stretch(wide, x, side, large, x, side, side);
  return large;
}
