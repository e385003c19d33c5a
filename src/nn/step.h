/* step.h: the steps of a prepared network, inside src/nn only. A step is one
 * or several layers done at once. Maps are [h][w][pitch] of elements: floats,
 * bf16 or bytes, with the same pitches in all of them. */
#ifndef NML_NN_STEP_H
#define NML_NN_STEP_H

#include "base/memory.h"
#include "kernels/kernels.h"
#include "nn/predictor.h"

enum {
  NML_PREDICT_SLAB = 16, /* images that one thread takes at a time */
  NML_SLACK = 64,        /* bytes that may be read behind a map */
  NML_STEP_MAPS = 3      /* of one image alive at once, see predictor.c */
};

typedef enum nml_step_kind {
  NML_STEP_PRODUCT = 0, /* conv or dense, with all that is done at its end */
  NML_STEP_POOL,
  NML_STEP_AFFINE,    /* batchnorm or relu where nothing else can do it */
  NML_STEP_DEPTHWISE, /* in floats, and batchnorm and relu behind it */
  NML_STEP_SUM,       /* add */
  NML_STEP_AGAIN      /* shortcut: an earlier map is the input once more */
} nml_step_kind;

typedef struct nml_step {
  nml_step_kind kind;
  int layer, last; /* of the net: what does the work, whose output is left */
  int from,
      other; /* steps whose outputs it reads, other of SUM; -1: the image */
  int in_map, other_map, out_map; /* where they lie; AGAIN: out is in */
  int pool;                       /* a pool done at the product's end, or -1 */
  int relu; /* 0, 1 or 6; of what is no activation, what holds of its values */
  nml_shape in, out;
  nml_byte_scale in_scale, other_scale, out_scale; /* of bytes */
  /* product: see nml_forward; the last lines are depthwise's too */
  int padded_h, padded_w; /* the input with its border */
  bool padded;            /* it has one */
  int32_t *rows, *taps;
  int outputs, tap_count;
  int32_t right, below;
  void *packed;         /* memory for weights; NULL: always those of the net */
  const void *weights;  /* what the product reads: packed, or the net's own */
  float *scale, *shift; /* [lanes]; affine too */
} nml_step;

/* What one thread works in. */
typedef struct nml_worker {
  unsigned char *maps[NML_STEP_MAPS]; /* of one image */
  unsigned char *padded;              /* of one image */
  unsigned char
      *rows[NML_STEP_MAPS]; /* of a slab: from the first dense layer */
  float *wide[2];           /* maps of one image as floats */
  float *logits;            /* [slab][last pitch] */
} nml_worker;

struct nml_predictor {
  const nml_net *net;
  nml_predictor_options options;
  const nml_kernels *kernels;
  const nml_bf16_kernels *bf16_kernels; /* of BF16 */
  void (*forward)(const nml_forward *p);
  int elements; /* in 32 bits: 1 float, 2 bf16, 4 bytes */
  nml_arena arena;
  nml_step *steps;
  int step_count;
  int row_steps; /* the first step that takes a whole slab */
  int map_count; /* of each worker, for images and for slabs */
  nml_worker *workers;
  nml_team *team;                 /* NULL: one thread */
  int slab;                       /* images at a time, at most */
  size_t row_bytes, logits_bytes; /* from one row of a slab to the next */
  int deciding;                   /* the last step with weights */
  /* of the call in progress */
  const uint8_t *images;
  int count, part;
  float *probabilities;
  float *values;    /* [count][10], or NULL */
  float *features;  /* [count][feature_count], or NULL */
  nml_seen_fn seen; /* or NULL */
  void *user;       /* of seen */
};

/* fuse.c: the steps of the net, without memory; `steps` holds layer_count. */
int nml_fuse(const nml_net *net, bool apart, nml_step *steps);
/* ... and what relates bytes to values. */
void nml_scale_steps(nml_step *steps, int count, const nml_range *ranges);

/* pack.c: offsets of a product's rows and taps; how many taps there are. */
void nml_step_tables(const nml_net *net, nml_step *step, int elements,
                     size_t row_elements);
int nml_step_tap_count(const nml_net *net, const nml_step *step, int elements);
/* False where the net has the weights in the kernels' order. */
bool nml_step_packs(const nml_net *net, const nml_step *step, int elements);
/* The step's numbers from the net's. */
void nml_step_load(const nml_predictor *p, nml_step *step, const float *params,
                   const float *state);

/* step.c: one image's map, or `count` rows of a slab. `out` is floats where
 * the step is the last; `other` is looked at by SUM alone. */
void nml_step_run(const nml_predictor *p, const nml_step *step,
                  nml_worker *worker, const void *in, const void *other,
                  void *out, int count);
/* An image as the first step reads it. */
void nml_step_input(const nml_predictor *p, nml_worker *worker,
                    const uint8_t *image, void *out);

size_t nml_step_bytes(const nml_predictor *p, nml_shape shape);

#endif
