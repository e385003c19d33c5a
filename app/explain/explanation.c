/* explanation.c: see explanation.h. */
#include "app/explain/explanation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/prediction_text.h"
#include "formats/format_fail.h"

/* ---- What the network saw
 * ----------------------------------------------------- */

static numeral_status read_data_image(const explanation_request *request,
                                      explanation *e, numeral_error *error) {
  data_image found;
  numeral_status status =
      data_source_image(request->image, &request->data, &found, error);
  if (status != NUMERAL_OK) return status;
  memcpy(e->pixels, found.pixels, sizeof e->pixels);
  e->name = strdup(found.name);
  e->label = found.label;
  return NUMERAL_OK;
}

static numeral_status read_file(const explanation_request *request,
                                explanation *e, numeral_error *error) {
  int has_ink;
  numeral_status status = image_file_read(request->image, &e->picture, error);
  if (status != NUMERAL_OK) return status;
  e->name = strdup(request->image);
  return numeral_normalise_framed(&e->picture.raster, e->pixels, &has_ink,
                                  &e->frame, error);
}

static numeral_status read_image(const explanation_request *request,
                                 explanation *e, numeral_error *error) {
  numeral_status status = data_source_is_image(request->image)
                              ? read_data_image(request, e, error)
                              : read_file(request, e, error);
  if (status == NUMERAL_OK && e->name == NULL)
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory for %.300s",
                       request->image);
  e->blank = true;
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; ++i)
    if (e->pixels[i] != 0) e->blank = false;
  return status;
}

/* ---- What it did
 * -------------------------------------------------------------- */

static void choose_digits(explanation *e, int asked) {
  e->digit = prediction_likeliest(e->probabilities, -1);
  e->runner_up = prediction_likeliest(e->probabilities, e->digit);
  e->explained[0] = e->digit;
  e->explained[1] = asked >= 0 && asked != e->digit ? asked : e->runner_up;
}

static numeral_status look_inside(explanation *e, int asked,
                                  numeral_error *error) {
  numeral_status status =
      numeral_explainer_create(e->model, &e->explainer, error);
  if (status == NUMERAL_OK) {
    status =
        numeral_explainer_run(e->explainer, e->pixels, e->probabilities, error);
  }
  if (status != NUMERAL_OK) return status;
  choose_digits(e, asked);
  e->heat_layer = numeral_explainer_heat_layer(e->explainer);
  for (int i = 0; i < EXPLAINED_DIGITS && status == NUMERAL_OK; ++i) {
    status = numeral_explainer_heat(e->explainer, e->explained[i], e->heat[i],
                                    error);
  }
  return status;
}

/* As predict would. */
static numeral_status judge(explanation *e, numeral_error *error) {
  numeral_session *session = NULL;
  numeral_prediction prediction = {.digit = -1};
  numeral_session_options options;
  numeral_session_options_init(&options);
  options.max_batch = 1;
  numeral_status status =
      numeral_session_create(e->model, &options, &session, error);
  if (status == NUMERAL_OK)
    status = numeral_session_judge(session, e->pixels, &e->frame, 1,
                                   &prediction, error);
  e->refused = prediction.digit < 0;
  e->reason = prediction.reason;
  numeral_session_destroy(session);
  return status;
}

numeral_status explanation_make(const explanation_request *request,
                                const numeral_model *model,
                                const char *model_name, explanation *e,
                                numeral_error *error) {
  *e = (explanation){.label = -1,
                     .model = model,
                     .model_name = model_name,
                     .layer_count = numeral_model_get_info(model).layer_count};
  numeral_status status = read_image(request, e, error);
  if (status == NUMERAL_OK && !e->blank)
    status = look_inside(e, request->digit, error);
  if (status == NUMERAL_OK && !e->blank) status = judge(e, error);
  if (status != NUMERAL_OK) explanation_release(e);
  return status;
}

void explanation_release(explanation *e) {
  free(e->name);
  image_file_release(&e->picture);
  numeral_explainer_destroy(e->explainer);
  *e = (explanation){0};
}

/* ---- In words
 * ----------------------------------------------------------------- */

bool explanation_has_heat(const explanation *e, int which) {
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; ++i)
    if (e->heat[which][i] > 0) return true;
  return false;
}

const char *explanation_method(int heat_layer) {
  return heat_layer >= 0 ? "Grad-CAM" : "gradient times pixel";
}

void explanation_describe(const explanation *e, char text[METHOD_BYTES]) {
  if (e->heat_layer < 0) {
    snprintf(text, METHOD_BYTES,
             "Gradient times pixel, since this network has no convolution to "
             "read Grad-CAM from: ink that raises the value of a digit. Paper "
             "that should be there is not marked, and single pixels are noisy. "
             "Each picture has its own scale.");
    return;
  }
  numeral_layer_info layer =
      numeral_model_layer(e->model, (size_t)e->heat_layer);
  snprintf(text, METHOD_BYTES,
           "Grad-CAM: where \"%s\" saw what raises the value of a digit, no "
           "finer than its %d x %d places. It tells where, not what was seen "
           "there, nor what would change the answer. Each picture has its own "
           "scale.",
           layer.text, layer.height, layer.width);
}

const char *explanation_role(const explanation *e, int which) {
  if (which == 0) return "the answer";
  return e->explained[which] == e->runner_up ? "the runner-up" : "as asked";
}

bool explanation_layer_is_seen(const explanation *e, size_t index) {
  static const char *const same[] = {"flatten", "dropout", "residual",
                                     "shortcut"};
  numeral_layer_info layer = numeral_model_layer(e->model, index);
  for (size_t i = 0; i < sizeof same / sizeof *same; ++i)
    if (strncmp(layer.text, same[i], strlen(same[i])) == 0) return false;
  return true;
}
