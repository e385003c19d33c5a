/* picture.js: a file that was chosen, dropped, pasted or photographed, as a picture
   to show and to send. It is sent as it is; what is very large is made smaller. */

const LARGE_BYTES = 4 << 20, SIDE_MAX = 1600;

/* The first picture among what was dropped or pasted, or null. */
export function fileOf(transfer) {
  const files = [...transfer?.files ?? []];
  return files.find(file => file.type.startsWith("image/")) ?? files[0] ?? null;
}

function shrink(bitmap) {
  const scale = Math.min(1, SIDE_MAX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; /* behind what is transparent */
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

const jpeg = canvas => new Promise(done => canvas.toBlob(done, "image/jpeg", 0.92));

/* Browsers turn a photo as the camera was held; the server does so too. */
async function decode(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    return null;
  }
}

/* {bitmap, width, height, body, sentWidth, name}: what to show (bitmap null where
   the browser cannot, but the server may: TIFF), and what to send. Throws an Error
   whose message is a sentence. */
export async function pictureOf(file) {
  const name = file.name || "picture", bitmap = await decode(file);
  if (bitmap === null) {
    const unknown = file.type !== "" && !file.type.startsWith("image/");
    if (unknown) throw new Error(`${name} is not a picture.`);
    if (file.size > LARGE_BYTES) throw new Error(`${name} is too large: choose one below 4 MB, or a PNG or JPEG.`);
    return { bitmap, width: 1, height: 1, body: file, sentWidth: 1, name };
  }
  const sentWidth = bitmap.width, small = shrink(bitmap);
  bitmap.close();
  const isLarge = file.size > LARGE_BYTES;
  return { bitmap: small, width: small.width, height: small.height,
    body: isLarge ? await jpeg(small) : file, sentWidth: isLarge ? small.width : sentWidth, name };
}
