/* explanation.h: all that numeral explain has to say of one picture. Knows the
 * library; must not know how it is shown. */
#ifndef NUMERAL_APP_EXPLAIN_EXPLANATION_H
#define NUMERAL_APP_EXPLAIN_EXPLANATION_H
#include <stdbool.h>

#include "app/explain/neighbours.h"
#include "formats/image_file.h"
#include "numeral.h"

enum { EXPLAINED_DIGITS = 2, METHOD_BYTES = 512 };

typedef struct explanation_request {
  const char *image;        /* a path, or mnist:test:42 */
  data_source_options data; /* for such names */
  int digit;                /* to set against the answer; -1: the runner-up */
} explanation_request;

typedef struct explanation {
  char *name; /* the path, or mnist:test:42 also where random was asked */
  int label;  /* what the data set says it is; -1: nobody does */
  image_file picture;  /* as given; no pixels where it came from a data set */
  numeral_frame frame; /* where in the picture `pixels` lie, or 0 */
  uint8_t pixels[NUMERAL_IMAGE_PIXELS]; /* what the network saw */
  bool blank; /* there is no ink; nothing below is set */
  const numeral_model *model;
  const char *model_name;
  size_t layer_count;
  numeral_explainer *explainer; /* for numeral_explainer_layer */
  float probabilities[NUMERAL_CLASSES];
  int digit, runner_up;
  bool refused; /* predict would say none, for `reason`; `digit` is its best
                   guess */
  numeral_reason reason;
  /* the answer, and the one set against it */
  int explained[EXPLAINED_DIGITS];
  float heat[EXPLAINED_DIGITS][NUMERAL_IMAGE_PIXELS];
  int heat_layer; /* -1: the image itself, without Grad-CAM */
  neighbours near;
} explanation;

/* Fills *e, all but the neighbours; explanation_release ends it. The model must
 * live longer. */
numeral_status explanation_make(const explanation_request *request,
                                const numeral_model *model,
                                const char *model_name, explanation *e,
                                numeral_error *error);
/* Accepts an empty one, and empties it. */
void explanation_release(explanation *e);

/* Does anything speak for explained digit `which`? */
bool explanation_has_heat(const explanation *e, int which);

/* "Grad-CAM", or "gradient times pixel", of the layer that heat is read from.
 */
const char *explanation_method(int heat_layer);
/* Two or three sentences: what it shows, and what it does not. */
void explanation_describe(const explanation *e, char text[METHOD_BYTES]);
/* "the answer", "the runner-up", "as asked". */
const char *explanation_role(const explanation *e, int which);

/* Is what comes out of layer `index` worth a picture? Not where it hands on
 * what the layer before it gave. */
bool explanation_layer_is_seen(const explanation *e, size_t index);

#endif
