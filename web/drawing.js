/* drawing.js: what is on the paper: strokes, perhaps over a test image, or a
   picture. What was done is a list of steps, so that undoing takes the last one
   away; what is seen are the steps from the last paper on. Must not know the
   server. */
import { Pen, InkRaster, piecesOf } from "./ink.js";
import { colour } from "./colours.js";

const READ_PX = 140; /* what is sent: five pixels for one of MNIST's */
const IMAGE_PX = 28;

/* A step is {kind: "stroke", points, radius}, or new paper: {kind: "blank"},
   {kind: "sample", pixels, label, name} or {kind: "picture", ...} with what
   picture.js gives. */
export class Drawing {
  constructor(canvas) {
    this.canvas = canvas;
    this.raster = new InkRaster(READ_PX);
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
    if (this.canvas.width === side) return;
    this.canvas.width = this.canvas.height = side;
    this.#show();
  }

  /* Draws all of it again. */
  render() {
    this.version++;
    this.raster.clear();
    if (this.paper.kind === "sample") this.raster.pixels.set(enlarge(this.paper.pixels, READ_PX));
    for (const dots of this.#pieces()) this.raster.draw(dots);
    this.#show();
  }

  /* The same in another theme or size: nothing new to read. */
  repaint() {
    this.#show();
  }

  * #pieces() {
    const strokes = this.strokes;
    for (const stroke of strokes) {
      const isOpen = this.penIsDown && stroke === strokes.at(-1);
      yield* piecesOf(stroke.points, stroke.radius, !isOpen);
    }
  }

  #add(dots) {
    this.version++;
    this.raster.draw(dots);
    this.#line(dots, colour("text"));
  }

  #show() {
    const side = this.canvas.width, context = this.canvas.getContext("2d");
    const text = colour("text");
    context.clearRect(0, 0, side, side);
    context.imageSmoothingQuality = "high";
    if (this.paper.kind === "sample") context.drawImage(inkImage(this.paper.pixels, text), 0, 0, side, side);
    if (this.paper.kind === "picture") this.#showPicture(context, side);
    for (const dots of this.#pieces()) this.#line(dots, text);
  }

  #showPicture(context, side) {
    if (this.paper.bitmap === null) return;
    const { x, y, scale } = this.placeOfPicture();
    context.drawImage(this.paper.bitmap, x * side, y * side,
      this.paper.width * scale * side, this.paper.height * scale * side);
  }

  #line(dots, ink) {
    const context = this.canvas.getContext("2d"), side = this.canvas.width;
    context.strokeStyle = context.fillStyle = ink;
    context.lineCap = "round";
    if (dots.length === 1) {
      context.beginPath();
      context.arc(dots[0].x * side, dots[0].y * side, dots[0].radius * side, 0, 2 * Math.PI);
      context.fill();
    }
    for (let i = 0; i + 1 < dots.length; i++) {
      const a = dots[i], b = dots[i + 1];
      context.lineWidth = (a.radius + b.radius) * side;
      context.beginPath();
      context.moveTo(a.x * side, a.y * side);
      context.lineTo(b.x * side, b.y * side);
      context.stroke();
    }
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

  /* The drawing as a file, dark on white. */
  async file() {
    const side = 560, larger = new InkRaster(side);
    if (this.paper.kind === "sample") larger.pixels.set(enlarge(this.paper.pixels, side));
    for (const dots of this.#pieces()) larger.draw(dots);
    return this.paper.kind === "picture" ? this.paper.body : png(larger.pixels, side);
  }
}

function onPaper(frame, scale, x, y) {
  return { left: x + frame.left_px * scale, top: y + frame.top_px * scale, pixel: frame.pixel_px * scale };
}

/* ---- Pixels ---- */

function newCanvas(side) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  return canvas;
}

/* Black ink on white, whatever the theme. */
function png(ink, side) {
  const canvas = newCanvas(side), context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  for (let i = 0; i < ink.length; i++) {
    image.data.fill(255 - ink[i], 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return new Promise(done => canvas.toBlob(done, "image/png"));
}

/* Keys' cubic convolution (1981) between the four values about t. */
function cubic(p, t) {
  return p[1] + t / 2 * (p[2] - p[0] + t * (2 * p[0] - 5 * p[1] + 4 * p[2] - p[3]
    + t * (3 * (p[1] - p[2]) + p[3] - p[0])));
}

/* A line of `count` values, `step` apart, as `side` values: smooth. */
function stretch(values, from, step, count, side) {
  return Array.from({ length: side }, (_, i) => {
    const at = (i + 0.5) * count / side - 0.5, left = Math.floor(at);
    const near = [-1, 0, 1, 2].map(k => left + k >= 0 && left + k < count ? values[from + (left + k) * step] : 0);
    return cubic(near, at - left);
  });
}

/* 28 x 28 as side x side, bytes. */
function enlarge(pixels, side) {
  const wide = new Float32Array(IMAGE_PX * side), large = new Uint8ClampedArray(side * side);
  for (let y = 0; y < IMAGE_PX; y++) wide.set(stretch(pixels, y * IMAGE_PX, 1, IMAGE_PX, side), y * side);
  for (let x = 0; x < side; x++) stretch(wide, x, side, IMAGE_PX, side).forEach((v, y) => { large[y * side + x] = v; });
  return large;
}

/* Ink of one colour on nothing, so that heat shows through. */
function inkImage(pixels, ink) {
  const canvas = newCanvas(IMAGE_PX), context = canvas.getContext("2d");
  const image = context.createImageData(IMAGE_PX, IMAGE_PX);
  pixels.forEach((value, i) => { image.data[4 * i + 3] = value; });
  context.putImageData(image, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = ink;
  context.fillRect(0, 0, IMAGE_PX, IMAGE_PX);
  return canvas;
}
