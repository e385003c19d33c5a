/* measured.c: see measured.h. */
#include "app/measured.h"

#include "app/json_text.h"
#include "app/precision_word.h"

double measured_speed(const numeral_evaluation *e) {
  return e->seconds > 0 ? (double)e->count / e->seconds : 0;
}

size_t measured_images(const numeral_evaluation *e, int digit) {
  size_t count = 0;
  for (int i = 0; i < NUMERAL_CLASSES; ++i) count += e->confusion[digit][i];
  return count;
}

static json_t *classes_to_json(const numeral_evaluation *e) {
  json_t *classes = json_array();
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    json_array_append_new(
        classes, json_pack("{s:i, s:I, s:o, s:o, s:o}", "digit", i, "count",
                           (json_int_t)measured_images(e, i), "precision",
                           json_rounded(e->precision[i], 6), "recall",
                           json_rounded(e->recall[i], 6), "f1",
                           json_rounded(e->f1[i], 6)));
  }
  return classes;
}

static json_t *confusion_to_json(const numeral_evaluation *e) {
  json_t *rows = json_array();
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    json_t *row = json_array();
    for (int j = 0; j < NUMERAL_CLASSES; ++j) {
      json_array_append_new(row, json_integer((json_int_t)e->confusion[i][j]));
    }
    json_array_append_new(rows, row);
  }
  return rows;
}

static json_t *reliability_to_json(const numeral_evaluation *e) {
  json_t *bins = json_array();
  for (int i = 0; i < NUMERAL_RELIABILITY_BINS; ++i) {
    const numeral_reliability *bin = &e->reliability[i];
    json_array_append_new(
        bins, json_pack("{s:I, s:o, s:o}", "count", (json_int_t)bin->count,
                        "confidence", json_rounded(bin->confidence, 6),
                        "accuracy", json_rounded(bin->accuracy, 6)));
  }
  return bins;
}

json_t *measured_to_json(const measured *m) {
  const numeral_evaluation *e = &m->evaluation;
  json_t *object = json_pack(
      "{s:o, s:o, s:I, s:i, s:I, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, "
      "s:i, s:s, "
      "s:o, s:o, s:o, s:o}",
      "model", json_text_string(m->model_name), "spec",
      m->models == 1 ? json_string(m->info.spec) : json_null(), "models",
      (json_int_t)m->models, "shifts", m->shifts, "parameters",
      (json_int_t)m->parameters, "data", json_text_string(m->data_name),
      "count", (json_int_t)e->count, "correct", (json_int_t)e->correct,
      "accuracy", json_rounded(e->accuracy, 6), "accuracy_low",
      json_rounded(e->accuracy_low, 6), "accuracy_high",
      json_rounded(e->accuracy_high, 6), "loss", json_rounded(e->loss, 6),
      "seconds", json_rounded(e->seconds, 6), "images_per_second",
      json_rounded(measured_speed(e), 1), "threads", m->threads, "precision",
      precision_words[m->precision], "classes", classes_to_json(e), "confusion",
      confusion_to_json(e), "calibration_error",
      json_rounded(e->calibration_error, 6), "reliability",
      reliability_to_json(e));
  json_object_set_new(object, "accuracy_at_99",
                      json_rounded(e->accuracy_at_99, 6));
  if (m->info.has_guard) {
    json_object_set_new(object, "refused",
                        json_integer((json_int_t)e->refused));
    json_object_set_new(object, "accuracy_of_rest",
                        json_rounded(e->accuracy_of_rest, 6));
  }
  return object;
}
