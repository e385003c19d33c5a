/* sketch.h: what is drawn: strokes, perhaps over a test image, as rasters for
 * the eye and for the network. Each step can be undone, clearing too. Must not
 * know windows or models. */
#ifndef NUMERAL_APP_SKETCH_H
#define NUMERAL_APP_SKETCH_H

#include "app/data_source.h"
#include "app/draw/draw_view.h"

enum {
  SKETCH_READ_PX = 140, /* what is read: five pixels for one of MNIST's */
  SKETCH_POINTS_MAX =
      1 << 19, /* since the paper was last cleared, and before */
  SKETCH_STEPS_MAX = 1 << 14
};

/* 0 paper, 255 ink; [side_px][side_px]. */
typedef struct ink_raster {
  uint8_t *pixels;
  int side_px; /* 0: none */
} ink_raster;

typedef struct sketch sketch;

/* NULL: no memory. */
sketch *sketch_create(void);
void sketch_destroy(sketch *s);

/* A stroke: down, then moves, then up. False: the sketch is full, or there is
 * no memory, and nothing was done. Down is for a lifted pen, move and up for
 * one that is down. radius in sides of the canvas, above 0 and at most 1/4. */
bool sketch_down(sketch *s, const ink_point *point, float radius);
bool sketch_move(sketch *s, const ink_point *point);
void sketch_up(sketch *s);
bool sketch_pen_is_down(const sketch *s);

/* The pen must be up for these. False: there was nothing to do (or, for
 * sketch_put, no memory). */
bool sketch_undo(sketch *s);
bool sketch_clear(sketch *s);
bool sketch_put(sketch *s, const data_image *image); /* on new paper */
bool sketch_can_undo(const sketch *s);
bool sketch_is_blank(const sketch *s);

/* The test image below the strokes, or NULL. */
const data_image *sketch_image(const sketch *s);
size_t sketch_stroke_count(const sketch *s); /* since the last clear or put */

/* The raster that is read. */
const ink_raster *sketch_reading(const sketch *s);

/* The raster for the eye, of the size that sketch_resize set (0..4096; at first
 * 0). False: no memory, and it is as it was. */
bool sketch_resize(sketch *s, int side_px);
const ink_raster *sketch_showing(const sketch *s);

/* The part of the raster for the eye that is new since the last call. */
draw_rect sketch_take_changed(sketch *s);

/* Draws it all into `raster`, which has its memory. */
void sketch_render(const sketch *s, ink_raster *raster);

#endif
