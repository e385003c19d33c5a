/* write_strokes.c: a digit as the program's own stroke model writes it, as a
 * script for xdotool (a mouse that is moved, pressed and let go) or as a file
 * of strokes. write_strokes mouse DIGIT INDEX LEFT TOP SIDE    on a canvas of
 * that place write_strokes file INDEX                         all ten, each
 * read and cleared */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/hand.h"

enum { SEED = 1 };
static const float SIZE = 0.7f; /* of the canvas */

static void write_digit(int digit, int index, nml_drawing *drawing) {
  nml_random random =
      nml_random_init(SEED, NML_PURPOSE_TEST, (uint64_t)digit, (uint64_t)index);
  nml_hand_write(digit, &random, drawing);
}

/* To the middle of the canvas, which is (0, 0) to (1, 1). */
static void centre(nml_drawing *drawing) {
  float left = 1e9f, top = 1e9f, right = -1e9f, bottom = -1e9f;
  for (int i = 0; i < NML_SHAPE_STROKES; i++) {
    for (int j = 0; j < drawing->counts[i]; j++) {
      const numeral_dot *dot = &drawing->dots[i][j];
      left = fminf(left, dot->x);
      right = fmaxf(right, dot->x);
      top = fminf(top, dot->y);
      bottom = fmaxf(bottom, dot->y);
    }
  }
  float scale = SIZE / fmaxf(right - left, bottom - top);
  for (int i = 0; i < NML_SHAPE_STROKES; i++) {
    for (int j = 0; j < drawing->counts[i]; j++) {
      numeral_dot *dot = &drawing->dots[i][j];
      dot->x = 0.5f + scale * (dot->x - (left + right) / 2);
      dot->y = 0.5f + scale * (dot->y - (top + bottom) / 2);
    }
  }
}

static void print_mouse(const nml_drawing *drawing, const char *const *place) {
  float left = (float)atof(place[0]), top = (float)atof(place[1]);
  float side = (float)atof(place[2]);
  for (int i = 0; i < NML_SHAPE_STROKES && drawing->counts[i]; i++) {
    for (int j = 0; j < drawing->counts[i]; j++) {
      const numeral_dot *dot = &drawing->dots[i][j];
      printf("mousemove %ld %ld\n", lroundf(left + side * dot->x),
             lroundf(top + side * dot->y));
      printf(j == 0 ? "mousedown 1\n" : "sleep 0.004\n");
    }
    printf("mouseup 1\n");
  }
}

static void print_strokes(const nml_drawing *drawing, int *time_ms) {
  for (int i = 0; i < NML_SHAPE_STROKES && drawing->counts[i]; i++) {
    for (int j = 0; j < drawing->counts[i]; j++) {
      const numeral_dot *dot = &drawing->dots[i][j];
      *time_ms += 8;
      printf("%s %.5f %.5f - %d\n", j == 0 ? "down" : "move", (double)dot->x,
             (double)dot->y, *time_ms);
    }
    printf("up %d\n", *time_ms);
  }
  printf("predict %d\nclear %d\n", *time_ms, *time_ms);
}

int main(int argc, char **argv) {
  nml_drawing drawing;
  int time_ms = 0;
  if (argc == 7 && strcmp(argv[1], "mouse") == 0) {
    write_digit(atoi(argv[2]), atoi(argv[3]), &drawing);
    centre(&drawing);
    print_mouse(&drawing, (const char *const *)argv + 4);
    return 0;
  }
  if (argc != 3 || strcmp(argv[1], "file") != 0) return 2;
  printf("numeral strokes 1\n");
  for (int digit = 0; digit < NUMERAL_CLASSES; digit++) {
    write_digit(digit, atoi(argv[2]), &drawing);
    centre(&drawing);
    print_strokes(&drawing, &time_ms);
  }
  return 0;
}
