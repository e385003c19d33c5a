/* committee.c: see committee.h. Answers are added up in a fixed order. */
#include "engine/committee.h"

#include "base/memory.h"
#include "engine/prepare.h"

#include <string.h>

enum { SIDE = NUMERAL_IMAGE_SIDE };

struct nml_committee {
  nml_predictor *predictors[NUMERAL_MODELS_MAX];
  size_t count;
  int shifts;
  uint8_t *moved; /* [max_batch][28][28] */
  float *said;    /* [max_batch][10] */
};

/* To the four sides, then to the four corners. */
static const int ways[1 + NUMERAL_SHIFTS_MAX][2] = {{0, 0},  {0, -1}, {0, 1},
                                                    {-1, 0}, {1, 0},  {-1, -1},
                                                    {1, -1}, {-1, 1}, {1, 1}};

numeral_status nml_committee_create(const numeral_model *const *models,
                                    size_t count,
                                    const numeral_session_options *options,
                                    nml_committee **committee,
                                    numeral_error *error) {
  const size_t batch = (size_t)options->max_batch;
  numeral_status status = NUMERAL_OK;
  *committee = NULL;
  nml_committee *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "a session", sizeof *made);
  made->shifts = options->shifts;
  made->moved = nml_alloc(batch, NUMERAL_IMAGE_PIXELS);
  made->said = nml_alloc(batch, NUMERAL_CLASSES * sizeof *made->said);
  if (!made->moved || !made->said)
    status = nml_fail_memory(error, "a session", batch * NUMERAL_IMAGE_PIXELS);
  for (; status == NUMERAL_OK && made->count < count; made->count++)
    status =
        nml_prepare(models[made->count], options->precision, options->max_batch,
                    options->threads, &made->predictors[made->count], error);
  if (status != NUMERAL_OK) {
    nml_committee_destroy(made);
    return status;
  }
  *committee = made;
  return NUMERAL_OK;
}

void nml_committee_destroy(nml_committee *committee) {
  if (!committee) return;
  for (size_t i = 0; i < NUMERAL_MODELS_MAX; i++)
    nml_predictor_destroy(committee->predictors[i]);
  nml_free(committee->moved);
  nml_free(committee->said);
  nml_free(committee);
}

nml_predictor *nml_committee_first(const nml_committee *committee) {
  return committee->predictors[0];
}

/* By a pixel; what comes in from outside is paper. */
static void move_image(const uint8_t *image, const int way[2], uint8_t *out) {
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) {
      int from_x = x - way[0], from_y = y - way[1];
      bool inside =
          from_x >= 0 && from_x < SIDE && from_y >= 0 && from_y < SIDE;
      out[y * SIDE + x] = inside ? image[from_y * SIDE + from_x] : 0;
    }
}

static void ask_all(nml_committee *c, const uint8_t *images, int count,
                    float *probabilities) {
  const int values = count * NUMERAL_CLASSES;
  for (size_t i = 0; i < c->count; i++) {
    nml_predictor_run(c->predictors[i], images, count, c->said);
    for (int k = 0; k < values; k++) probabilities[k] += c->said[k];
  }
}

void nml_committee_run(nml_committee *committee, const uint8_t *images,
                       int count, float *probabilities) {
  nml_committee *c = committee;
  const float share = 1.0f / (float)((int)c->count * (1 + c->shifts));
  memset(probabilities, 0,
         (size_t)count * NUMERAL_CLASSES * sizeof *probabilities);
  ask_all(c, images, count, probabilities);
  for (int s = 1; s <= c->shifts; s++) {
    for (int i = 0; i < count; i++)
      move_image(images + i * NUMERAL_IMAGE_PIXELS, ways[s],
                 c->moved + i * NUMERAL_IMAGE_PIXELS);
    ask_all(c, c->moved, count, probabilities);
  }
  for (int k = 0; k < count * NUMERAL_CLASSES; k++) probabilities[k] *= share;
}
