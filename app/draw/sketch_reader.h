/* sketch_reader.h: reads what is drawn, after every point, and keeps the time
 * that it took. Must not know windows. */
#ifndef NUMERAL_APP_SKETCH_READER_H
#define NUMERAL_APP_SKETCH_READER_H

#include "app/draw/sketch.h"

enum { SPENT_PARTS = 2000 };

typedef struct sketch_reader {
  numeral_session *session;
  numeral_explainer *explainer;
  numeral_prediction prediction;
  uint8_t seen[NUMERAL_IMAGE_PIXELS]; /* what the network was shown */
  numeral_frame frame; /* where that lies, in sides of the canvas */
  /* of sketch_reader_time */
  size_t times;
  double total_ms, most_ms;
  size_t spent[SPENT_PARTS]; /* how many took i to i + 1 hundredths of a ms */
} sketch_reader;

/* The model must live longer. End with sketch_reader_release, also after a
 * failure. */
numeral_status sketch_reader_create(const numeral_model *model,
                                    sketch_reader *reader,
                                    numeral_error *error);
void sketch_reader_release(sketch_reader *reader);

/* Fills prediction, seen and frame. A test image with no strokes on it is shown
 * to the network as it is. */
numeral_status sketch_reader_read(sketch_reader *reader, const sketch *s,
                                  numeral_error *error);

/* Grad-CAM for the digit that was read, heat [28][28] 0..1 on what was seen;
 * all 0 where there is no digit. */
numeral_status sketch_reader_heat(sketch_reader *reader,
                                  float heat[NUMERAL_IMAGE_PIXELS],
                                  numeral_error *error);

/* Counts a stroke point whose reading took so long. */
void sketch_reader_time(sketch_reader *reader, double spent_ms);

/* The time that such a share (0..1) of them stayed below, to 0.01 ms. */
double sketch_reader_within(const sketch_reader *reader, double share);

#endif
