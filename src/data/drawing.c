/* drawing.c: see drawing.h. */
#include "data/drawing.h"

#include <math.h>
#include <string.h>

enum {
  FINE = 3, /* pixels drawn for one of MNIST's, each way */
  FINE_SIDE = NML_FRAME_PX * FINE
};

nml_extent nml_drawing_extent(const nml_drawing *drawing) {
  nml_extent all = nml_pen_extent(drawing->dots[0], drawing->counts[0]);
  for (int i = 1; i < NML_SHAPE_STROKES && drawing->counts[i]; i++) {
    nml_extent box = nml_pen_extent(drawing->dots[i], drawing->counts[i]);
    all.left = fminf(all.left, box.left);
    all.top = fminf(all.top, box.top);
    all.right = fmaxf(all.right, box.right);
    all.bottom = fmaxf(all.bottom, box.bottom);
  }
  return all;
}

/* Moves the corner of `box`, the drawing's extent, to (left, top). */
void nml_drawing_place(nml_drawing *drawing, const nml_extent *box, float scale,
                       float left, float top) {
  for (int i = 0; i < NML_SHAPE_STROKES; i++) {
    for (int j = 0; j < drawing->counts[i]; j++) {
      numeral_dot *dot = &drawing->dots[i][j];
      *dot =
          (numeral_dot){left + scale * (dot->x - box->left),
                        top + scale * (dot->y - box->top), scale * dot->radius};
    }
  }
}

void nml_drawing_draw(const nml_drawing *drawing, int side, uint8_t *pixels) {
  memset(pixels, 0, (size_t)side * (size_t)side);
  for (int i = 0; i < NML_SHAPE_STROKES && drawing->counts[i]; i++) {
    nml_pen_draw(drawing->dots[i], drawing->counts[i], side, pixels);
  }
}

/* Means of FINE x FINE pixels, as a scan shows them; a gain above 1 makes hard
 * edges of soft ones. */
static void scan(const uint8_t *fine, float gain,
                 uint8_t small[NML_FRAME_PX][NML_FRAME_PX]) {
  for (int y = 0; y < NML_FRAME_PX; y++) {
    for (int x = 0; x < NML_FRAME_PX; x++) {
      int sum = 0;
      for (int i = 0; i < FINE * FINE; i++) {
        int row = y * FINE + i / FINE, column = x * FINE + i % FINE;
        sum += fine[row * FINE_SIDE + column];
      }
      float ink = gain * (float)sum / (FINE * FINE);
      small[y][x] = (uint8_t)fminf(ink + 0.5f, 255);
    }
  }
}

/* MNIST moves a digit by whole pixels, so that its centre of mass lies in the
 * pixel 14, and never cuts it off. */
static int centred(int moment, int mass) {
  int at = NUMERAL_IMAGE_SIDE / 2 - moment / mass;
  int room = NUMERAL_IMAGE_SIDE - NML_FRAME_PX;
  return at < 0 ? 0 : at > room ? room : at;
}

void nml_drawing_centre(uint8_t small[NML_FRAME_PX][NML_FRAME_PX],
                        uint8_t image[NUMERAL_IMAGE_PIXELS]) {
  memset(image, 0, NUMERAL_IMAGE_PIXELS);
  int mass = 1, across = 0, down = 0;
  for (int y = 0; y < NML_FRAME_PX; y++) {
    for (int x = 0; x < NML_FRAME_PX; x++) {
      mass += small[y][x];
      across += small[y][x] * (2 * x + 1); /* half pixels */
      down += small[y][x] * (2 * y + 1);
    }
  }
  int left = centred(across, 2 * mass), top = centred(down, 2 * mass);
  for (int y = 0; y < NML_FRAME_PX; y++) {
    memcpy(image + (top + y) * NUMERAL_IMAGE_SIDE + left, small[y],
           NML_FRAME_PX);
  }
}

/* MNIST's frame as nml_normalise makes it, without its search for the ink and
 * its mending of strokes: here fat and thin ones are wanted. */
void nml_drawing_frame(nml_drawing *drawing, float gain,
                       uint8_t image[NUMERAL_IMAGE_PIXELS]) {
  uint8_t fine[FINE_SIDE * FINE_SIDE], small[NML_FRAME_PX][NML_FRAME_PX];
  nml_extent box = nml_drawing_extent(drawing);
  float width = box.right - box.left, height = box.bottom - box.top;
  float scale = FINE_SIDE / fmaxf(width, height);
  nml_drawing_place(drawing, &box, scale, (FINE_SIDE - width * scale) / 2,
                    (FINE_SIDE - height * scale) / 2);
  nml_drawing_draw(drawing, FINE_SIDE, fine);
  scan(fine, gain, small);
  nml_drawing_centre(small, image);
}
