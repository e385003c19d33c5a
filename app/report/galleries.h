/* galleries.h: the pictures of a report that are made of small images, laid out
 * on boards. Each takes the paper's theme and its width in pixels, and as many
 * columns as fit. Must not know files or pages. */
#ifndef NUMERAL_APP_REPORT_GALLERIES_H
#define NUMERAL_APP_REPORT_GALLERIES_H
#include "app/board.h"
#include "app/report/report_data.h"

enum { GALLERY_SCALE = 2, GALLERY_MISTAKES = 56, GALLERY_FILTERS = 32 };

/* board_digit in 16 greys: enough for the eye, and half the bytes. */
void gallery_digit(board *b, float x, float y, float side,
                   const uint8_t image[NUMERAL_IMAGE_PIXELS]);

board gallery_confusion(const report_run *run, look_theme theme, int width);
/* Some test images at random, and those whose right answer was least sure. */
board gallery_predictions(const report_run *run, look_theme theme, int width);
/* The first GALLERY_MISTAKES of the run's. */
board gallery_misclassified(const report_run *run, look_theme theme, int width);
/* Ten of each digit of the training set. */
board gallery_samples(const report_run *run, look_theme theme, int width);
/* One of each digit of the training set, and what training makes of it. */
board gallery_augmented(const report_run *run, look_theme theme, int width);
/* The weights of the first layer that has some, as pictures. */
board gallery_filters(const report_run *run, look_theme theme, int width);

/* Can those weights be shown as pictures? *count: of how many. */
bool gallery_has_filters(const report_run *run, size_t *count);

#endif
