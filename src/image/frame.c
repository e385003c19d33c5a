/* frame.c: see frame.h. */
#include "image/frame.h"

#include "image/plane.h"

#include <math.h>
#include <string.h>

enum {
  DIGIT_PX = 20,      /* of the longer side, in 28 */
  FINE_MOST_PX = 160, /* longer side at which strokes are measured and mended */
  FINE_LEAST_PX = 80
};
/* Widths of strokes in pixels of the finished image. */
static const double THINNEST = 1.6, THICKEST = 4.0;

static size_t area_of(const nml_plane *plane) {
  return (size_t)plane->width_px * (size_t)plane->height_px;
}

static int longer_side(const nml_plane *plane) {
  return plane->width_px > plane->height_px ? plane->width_px
                                            : plane->height_px;
}

static numeral_status cut_out(const nml_ink *map, const nml_box *box,
                              nml_plane *plane, numeral_error *error) {
  numeral_status status =
      nml_plane_create(nml_box_width(box), nml_box_height(box), plane, error);
  if (status != NUMERAL_OK) return status;
  float *value = plane->values;
  for (int y = box->top; y < box->bottom; y++) {
    const uint8_t *row = map->ink + (size_t)y * (size_t)map->width_px;
    for (int x = box->left; x < box->right; x++) *value++ = (float)row[x];
  }
  return NUMERAL_OK;
}

/* Replaces the plane by itself at `scale`, with `margin_px` around it; `frame`,
 * where it lies on the map, goes along. */
static numeral_status rescale(nml_plane *plane, double scale, int margin_px,
                              nml_between between, numeral_frame *frame,
                              numeral_error *error) {
  nml_plane scaled;
  int width = (int)ceil(plane->width_px * scale - 1e-9);
  int height = (int)ceil(plane->height_px * scale - 1e-9);
  /* what the last pixel has too much is shared between both ends */
  double left = (plane->width_px - width / scale) / 2 - margin_px / scale;
  double top = (plane->height_px - height / scale) / 2 - margin_px / scale;
  numeral_status status = nml_plane_create(
      width + 2 * margin_px, height + 2 * margin_px, &scaled, error);
  if (status != NUMERAL_OK) return status;
  status = nml_plane_scale(plane, left, top, scale, between, &scaled, error);
  if (status == NUMERAL_OK) {
    nml_plane_release(plane);
    *plane = scaled;
    frame->left_px += left * frame->pixel_px;
    frame->top_px += top * frame->pixel_px;
    frame->pixel_px /= scale;
  } else {
    nml_plane_release(&scaled);
  }
  return status;
}

/* Brings the middle of the strokes to 255 again: averaging a thin line with
 * the paper beside it has made it faint. The middle of the strokes is the
 * level that the brightest tenth of the ink reaches. */
static void restore_contrast(nml_plane *plane) {
  uint32_t histogram[256] = {0}, count = 0, above = 0;
  size_t area = area_of(plane);
  float peak = 0;
  for (size_t i = 0; i < area; i++) {
    if (plane->values[i] > peak) peak = plane->values[i];
  }
  if (peak <= 0) return;
  for (size_t i = 0; i < area; i++) {
    int level = (int)(plane->values[i] / peak * 255);
    if (level < 64) continue;
    histogram[level]++;
    count++;
  }
  int level = 255;
  while (level > 64 && (above += histogram[level]) * 10 < count) level--;
  float gain = 255 * 255 / (peak * (float)level);
  for (size_t i = 0; i < area; i++) {
    plane->values[i] = fminf(plane->values[i] * gain, 255);
  }
}

static float value_at(const nml_plane *plane, int x, int y) {
  if (x < 0 || y < 0 || x >= plane->width_px || y >= plane->height_px) return 0;
  return plane->values[(size_t)y * (size_t)plane->width_px + (size_t)x];
}

/* A stroke of width w and length l has an area of w l and edges of 2 l; the
 * length of all edges is the total variation, however soft they are. */
static double stroke_width(const nml_plane *plane) {
  double ink = 0, variation = 0;
  for (int y = -1; y < plane->height_px; y++) {
    for (int x = -1; x < plane->width_px; x++) {
      double here = (double)value_at(plane, x, y);
      double right = (double)value_at(plane, x + 1, y) - here;
      double below = (double)value_at(plane, x, y + 1) - here;
      ink += here;
      variation += hypot(right, below);
    }
  }
  return variation > 0 ? 2 * ink / variation : 0;
}

/* Strokes of MNIST's digits are 2 to 3 pixels wide. A mouse's line of one
 * pixel across a large canvas would fade away, and a fat marker's loops close,
 * so both are brought to the range that people's pens leave. */
static numeral_status mend_strokes(nml_plane *plane, numeral_frame *frame,
                                   numeral_error *error) {
  double finish = (double)DIGIT_PX / longer_side(plane);
  double width = stroke_width(plane) * finish;
  double goal = width < THINNEST   ? THINNEST
                : width > THICKEST ? THICKEST
                                   : width;
  if (goal == width || width <= 0) return NUMERAL_OK;
  double zoom = 1;
  while (longer_side(plane) * zoom < FINE_LEAST_PX) zoom++;
  double radius = fabs(goal - width) / 2 / finish * zoom;
  int margin = goal > width ? (int)ceil(radius) : 0;
  numeral_status status =
      rescale(plane, zoom, margin, NML_BETWEEN_LINEAR, frame, error);
  if (status != NUMERAL_OK) return status;
  return goal > width ? nml_plane_thicken(plane, radius, error)
                      : nml_plane_thin(plane, radius, error);
}

/* Where the digit's first column (row) must lie for the centre of mass to be in
 * the middle, as far as no ink is cut off. MNIST moves by whole pixels, and in
 * all its images the centre of mass lies in the pixel 14. */
static int place(double centre, int length_px) {
  int room = NUMERAL_IMAGE_SIDE - length_px;
  int at = NUMERAL_IMAGE_SIDE / 2 - (int)floor(centre);
  return at < 0 ? 0 : at > room ? room : at;
}

static void centre(const nml_plane *plane, uint8_t *image,
                   numeral_frame *frame) {
  double mass = 0, across = 0, down = 0;
  for (int y = 0; y < plane->height_px; y++) {
    for (int x = 0; x < plane->width_px; x++) {
      double value = (double)value_at(plane, x, y);
      mass += value;
      across += value * (x + 0.5);
      down += value * (y + 0.5);
    }
  }
  if (mass <= 0) return;
  int left = place(across / mass, plane->width_px);
  int top = place(down / mass, plane->height_px);
  frame->left_px -= left * frame->pixel_px;
  frame->top_px -= top * frame->pixel_px;
  for (int y = 0; y < plane->height_px; y++) {
    uint8_t *row = image + (size_t)(top + y) * NUMERAL_IMAGE_SIDE + left;
    for (int x = 0; x < plane->width_px; x++) {
      row[x] = (uint8_t)(value_at(plane, x, y) + 0.5f);
    }
  }
}

static numeral_status frame_plane(nml_plane *plane, uint8_t *image,
                                  numeral_frame *frame, numeral_error *error) {
  numeral_status status = NUMERAL_OK;
  if (longer_side(plane) > FINE_MOST_PX) {
    status = rescale(plane, (double)FINE_MOST_PX / longer_side(plane), 0,
                     NML_BETWEEN_LINEAR, frame, error);
    if (status != NUMERAL_OK) return status;
    restore_contrast(plane);
  }
  status = mend_strokes(plane, frame, error);
  if (status != NUMERAL_OK) return status;
  status = rescale(plane, (double)DIGIT_PX / longer_side(plane), 0,
                   NML_BETWEEN_LANCZOS, frame, error);
  if (status != NUMERAL_OK) return status;
  restore_contrast(plane);
  centre(plane, image, frame);
  return NUMERAL_OK;
}

numeral_status nml_frame_digit(const nml_ink *map, const nml_box *box,
                               uint8_t image[NUMERAL_IMAGE_PIXELS],
                               numeral_frame *frame, numeral_error *error) {
  nml_plane plane;
  memset(image, 0, NUMERAL_IMAGE_PIXELS);
  *frame =
      (numeral_frame){.left_px = box->left, .top_px = box->top, .pixel_px = 1};
  numeral_status status = cut_out(map, box, &plane, error);
  if (status == NUMERAL_OK) status = frame_plane(&plane, image, frame, error);
  if (status != NUMERAL_OK) *frame = (numeral_frame){0};
  nml_plane_release(&plane);
  return status;
}
