/* clutter.c: see clutter.h. Rests are strokes of a pen: what a digit's
 * neighbour leaves is a piece of a stroke, a ruled line is a thin one. */
#include "data/clutter.h"

#include "data/pen.h"

#include <stdbool.h>

enum { SIDE = NML_SHEET_SIDE, INK = 64 /* of a stroke, at least */ };

/* False where there is no ink. */
static bool find_ink(const nml_sheet *sheet, nml_extent *box) {
  *box = (nml_extent){SIDE, SIDE, 0, 0};
  for (int i = 0; i < SIDE * SIDE; i++) {
    float x = (float)(i % SIDE), y = (float)(i / SIDE);
    if (sheet->pixels[i] < INK) continue;
    box->left = x < box->left ? x : box->left;
    box->right = x >= box->right ? x + 1 : box->right;
    box->top = y < box->top ? y : box->top;
    box->bottom = y >= box->bottom ? y + 1 : box->bottom;
  }
  return box->left < box->right;
}

/* Along the foot of the digit, seldom along its head; level, or nearly. */
static int rule_line(const nml_extent *box, nml_random *random, float length,
                     numeral_dot *dots) {
  bool below = nml_random_below(random, 4) > 0;
  float y = below ? box->bottom + nml_random_range(random, -1.5f, 1)
                  : box->top + nml_random_range(random, -1, 1.5f);
  float x =
      nml_random_range(random, box->left - length / 2, box->right - length / 2);
  float fall = nml_random_range(random, -1, 1);
  float radius = nml_random_range(random, 0.2f, 0.7f);
  dots[0] = (numeral_dot){x, y, radius};
  dots[1] = (numeral_dot){x + length, y + fall, radius};
  return 2;
}

/* Left or right of the digit, bent, as thick as strokes are. */
static int neighbour(const nml_extent *box, nml_random *random, float length,
                     numeral_dot *dots) {
  bool right = nml_random_below(random, 2) != 0;
  float out = nml_random_range(random, -0.5f, 2);
  float x = right ? box->right + out : box->left - out;
  float y = nml_random_range(random, box->top - length / 4,
                             box->bottom - length * 3 / 4);
  float bend = nml_random_range(random, -length / 3, length / 3);
  float lean = nml_random_range(random, -length / 3, length / 3);
  float radius = nml_random_range(random, 0.5f, 1.4f);
  dots[0] = (numeral_dot){x, y, radius};
  dots[1] = (numeral_dot){x + bend, y + length / 2, radius};
  dots[2] = (numeral_dot){x + lean, y + length, radius};
  return 3;
}

void nml_clutter_apply(nml_sheet *sheet, nml_random *random, float longest_px) {
  nml_extent box;
  if (!find_ink(sheet, &box)) return;
  int rests = 1 + (int)nml_random_below(random, 2);
  for (int i = 0; i < rests; i++) {
    numeral_dot dots[3];
    bool is_line = nml_random_below(random, 3) == 0;
    float length = longest_px * nml_random_range(random, 0.1f, 1);
    int count = is_line ? rule_line(&box, random, 2 * length, dots)
                        : neighbour(&box, random, length, dots);
    nml_pen_draw(dots, count, SIDE, sheet->pixels);
  }
  nml_sheet_clear_margin(sheet);
}
