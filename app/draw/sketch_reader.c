/* sketch_reader.c: see sketch_reader.h. */
#include "app/draw/sketch_reader.h"

#include <string.h>

#include "app/prediction_text.h"

static const numeral_prediction blank = {.digit = -1,
                                         .reason = NUMERAL_REASON_BLANK};

void sketch_reader_release(sketch_reader *reader) {
  numeral_session_destroy(reader->session);
  numeral_explainer_destroy(reader->explainer);
  *reader = (sketch_reader){0};
}

static numeral_status read_image(sketch_reader *reader, const data_image *image,
                                 numeral_error *error) {
  memcpy(reader->seen, image->pixels, sizeof reader->seen);
  reader->frame = (numeral_frame){.pixel_px = 1.0 / NUMERAL_IMAGE_SIDE};
  return numeral_session_judge(reader->session, reader->seen, NULL, 1,
                               &reader->prediction, error);
}

static numeral_status read_raster(sketch_reader *reader,
                                  const ink_raster *drawn,
                                  numeral_error *error) {
  numeral_raster raster = {drawn->pixels, drawn->side_px, drawn->side_px, 1,
                           (size_t)drawn->side_px};
  int has_ink;
  numeral_status status = numeral_normalise_framed(
      &raster, reader->seen, &has_ink, &reader->frame, error);
  if (status) return status;
  reader->frame.left_px /= drawn->side_px;
  reader->frame.top_px /= drawn->side_px;
  reader->frame.pixel_px /= drawn->side_px;
  if (!has_ink) {
    reader->prediction = blank;
    return NUMERAL_OK;
  }
  return numeral_session_judge(reader->session, reader->seen, &reader->frame, 1,
                               &reader->prediction, error);
}

/* Reads a stroke that nobody drew: the first real one must not wait until all
 * that reading needs has come into memory. */
static numeral_status warm_up(sketch_reader *reader, numeral_error *error) {
  uint8_t pixels[SKETCH_READ_PX * SKETCH_READ_PX] = {0};
  const ink_raster raster = {pixels, SKETCH_READ_PX};
  const numeral_dot dots[] = {{50, 20, 5}, {70, 100, 5}};
  numeral_draw_line(dots, 2, SKETCH_READ_PX, pixels, NULL);
  numeral_status status = read_raster(reader, &raster, error);
  reader->prediction = blank;
  memset(reader->seen, 0, sizeof reader->seen);
  return status;
}

numeral_status sketch_reader_create(const numeral_model *model,
                                    sketch_reader *reader,
                                    numeral_error *error) {
  numeral_session_options options;
  *reader = (sketch_reader){.prediction = blank};
  numeral_session_options_init(&options);
  options.max_batch = 1;
  numeral_status status =
      numeral_session_create(model, &options, &reader->session, error);
  if (!status) {
    status = numeral_explainer_create(model, &reader->explainer, error);
  }
  return status ? status : warm_up(reader, error);
}

numeral_status sketch_reader_read(sketch_reader *reader, const sketch *s,
                                  numeral_error *error) {
  const data_image *image = sketch_image(s);
  return image && sketch_stroke_count(s) == 0
             ? read_image(reader, image, error)
             : read_raster(reader, sketch_reading(s), error);
}

numeral_status sketch_reader_heat(sketch_reader *reader,
                                  float heat[NUMERAL_IMAGE_PIXELS],
                                  numeral_error *error) {
  memset(heat, 0, NUMERAL_IMAGE_PIXELS * sizeof *heat);
  if (reader->prediction.digit < 0) return NUMERAL_OK;
  numeral_status status =
      numeral_explainer_run(reader->explainer, reader->seen, NULL, error);
  if (status) return status;
  return numeral_explainer_heat(reader->explainer, reader->prediction.digit,
                                heat, error);
}

void sketch_reader_time(sketch_reader *reader, double spent_ms) {
  reader->times++;
  reader->total_ms += spent_ms;
  if (spent_ms > reader->most_ms) reader->most_ms = spent_ms;
  int part = spent_ms < SPENT_PARTS / 100.0 ? (int)(spent_ms * 100) : -1;
  reader->spent[part >= 0 ? part : SPENT_PARTS - 1]++;
}

double sketch_reader_within(const sketch_reader *reader, double share) {
  size_t below = 0;
  for (int i = 0; i < SPENT_PARTS - 1; i++) {
    below += reader->spent[i];
    if ((double)below >= share * (double)reader->times) return (i + 1) / 100.0;
  }
  return reader->most_ms;
}
