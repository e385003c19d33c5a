/* layer.h: what a kind of layer is to the run, inside src/nn and for the
 * benchmark of its kernels only.
 *
 * A layer plans its memory, then adds operations to the run's program. Three
 * kinds of operation say all that a parallel step needs:
 *   slab  on a few images that one core keeps in its cache; the slabs of a
 *         group are worked on in order by one thread
 *   sync  once, when every image has come so far, by whoever comes last
 *   task  on a numbered part of the parameters, any thread, any order
 * Neighbouring slab operations run back to back on each slab. */
#ifndef NML_NN_LAYER_H
#define NML_NN_LAYER_H

#include "base/memory.h"
#include "kernels/kernels.h"
#include "nn/run.h"

enum {
  NML_SLAB = 8,        /* images: small enough for L2, enough rows for a tile */
  NML_MAX_GROUPS = 32, /* parts whose gradients are summed apart */
  NML_MAX_OPS = 6 * NML_MAX_LAYERS
};

typedef struct nml_slab {
  int image, count; /* images of the batch, the first and how many */
  int first;        /* where the first has its maps, see nml_run.maps */
  int group;
  bool opens_group; /* the first slab of its group: sums start here */
  float *scratch;   /* the thread's own, run->scratch_floats */
} nml_slab;

typedef void (*nml_slab_fn)(nml_run *run, int layer, const nml_slab *slab);
typedef void (*nml_sync_fn)(nml_run *run, int layer);
typedef void (*nml_task_fn)(nml_run *run, int layer, int task);

typedef struct nml_op {
  enum { NML_OP_SLAB, NML_OP_SYNC, NML_OP_TASK } kind;
  nml_slab_fn slab;
  nml_sync_fn sync;
  nml_task_fn task;
  int layer, tasks;
} nml_op;

/* A layer's part of the run's memory. Unused pointers are NULL. */
typedef struct nml_place {
  bool moves;           /* it has parameters that move, or reads what does */
  const float *in;      /* [maps][in floats]: out of the layer it reads */
  float *out;           /* [maps][out floats] */
  float *in_delta;      /* gradient by `in`; NULL where nobody needs it */
  float *delta;         /* gradient by `out` */
  float *skipped;       /* residual: the part of it that comes by the skip */
  uint8_t *best;        /* maxpool: [maps][out floats] */
  int32_t *rows, *taps; /* product offsets, see conv.c and dense.c */
  int32_t *pixels;      /* conv: as rows, but of every output pixel */
  int32_t *back_rows, *back_taps;
  float *turned; /* weights as the gradient by data reads them */
  nml_bf16 *pairs, *turned_pairs; /* the same in bf16, and weights */
  int32_t *pair_taps, *back_pair_taps;
  int32_t *image_pairs;        /* offsets of pairs of pixels or of images */
  float *kept_in, *kept_delta; /* dense: in and delta of the whole batch */
  nml_bf16 *in_pairs;          /* dense: pairs of images */
  nml_bf16 *delta_pairs;
  float *partial; /* [groups][weights and bias] or batchnorm's sums */
  double *sums;   /* batchnorm: [groups][2][lanes] */
  float *lanes;   /* batchnorm: rows of [w_pitch], see batchnorm.c */
  int pool;       /* conv: index of the maxpool done with it, or -1 */
  const struct nml_conv_gradient *gradient; /* conv: how it goes back */
  struct nml_conv_data *data;               /* conv: products by the data */
} nml_place;

struct nml_run {
  const nml_net *net;
  const nml_kernels *kernels;
  const nml_bf16_kernels *bf16; /* NULL: products of floats */
  nml_run_options options;
  nml_arena arena;
  nml_place *places; /* [layer_count] */
  int maps;       /* images that have maps at a time: where no layer waits for
                     the whole batch, a slab for each thread, else max_batch */
  float *input;   /* [maps][image floats] */
  float *scratch; /* [threads][scratch_floats] */
  size_t scratch_floats;
  float *zeros; /* [zero_floats] */
  size_t zero_floats;
  float *losses;    /* [batch] */
  uint8_t *correct; /* [batch] */
  nml_team *team;
  nml_op *ops;
  nml_share *shares; /* [op_count][threads]: parts dealt, see team.h */
  int op_count;
  /* of the call in progress */
  const float *params;
  float *state;
  float *gradient;
  nml_batch batch;
  int groups, group_images;
};

/* Memory from the run's block: NULL while it is being measured. */
void *nml_run_take(nml_run *run, size_t count, size_t size_bytes);
/* The thread's scratch will hold at least so many floats. */
void nml_run_need_scratch(nml_run *run, size_t floats);
/* run->zeros will hold at least so many. */
void nml_run_need_zeros(nml_run *run, size_t floats);

void nml_add_slab(nml_run *run, int layer, nml_slab_fn fn);
void nml_add_sync(nml_run *run, int layer, nml_sync_fn fn);
void nml_add_task(nml_run *run, int layer, int tasks, nml_task_fn fn);

/* What each kind provides. plan is called twice: when it measures, what it
 * takes is NULL and its tables must not be filled. The others add operations;
 * `prepare` those that come before any image, `finish` those that come after
 * the last. Unused ones are NULL. */
typedef struct nml_layer_kind_ops {
  void (*plan)(nml_run *run, int layer);
  void (*prepare)(nml_run *run, int layer);
  void (*forward)(nml_run *run, int layer);
  void (*backward)(nml_run *run, int layer);
  void (*finish)(nml_run *run, int layer);
} nml_layer_kind_ops;

extern const nml_layer_kind_ops nml_conv_ops, nml_dense_ops, nml_maxpool_ops,
    nml_avgpool_ops, nml_batchnorm_ops, nml_relu_ops, nml_dropout_ops,
    nml_flatten_ops, nml_crop_ops, nml_residual_ops, nml_shortcut_ops,
    nml_add_ops, nml_depthwise_ops, nml_relu6_ops;
/* The same layers with products of bf16: run->bf16 is there. */
extern const nml_layer_kind_ops nml_conv_bf16_ops, nml_dense_bf16_ops;

/* Whether the layer's input needs a gradient: in_delta is there. */
bool nml_sends_back(const nml_run *run, int layer);

/* Out and delta for [maps] images: what most layers plan. */
void nml_plan_out(nml_run *run, int layer);
/* The map that a layer reads, as its owner has it. */
float *nml_map_below(const nml_run *run, int layer);
/* Memory for a map [maps][width] of the whole batch: the map itself, where it
 * is that. */
float *nml_plan_kept(nml_run *run, size_t width, float *map);
/* The slab's rows of a map into what was planned for it. */
void nml_keep_rows(const nml_slab *slab, size_t width, const float *rows,
                   float *kept);

/* Out is in, and delta is in_delta: a layer that does nothing. */
void nml_plan_alias(nml_run *run, int layer);
/* delta becomes 0 where the layer's relu, or relu6, was closed. */
void nml_close_relu(nml_run *run, int layer, const nml_slab *slab);

/* The windows of a pool over maps of in_h x in_w. */
nml_windows nml_pool_windows(const nml_layer *pool, int in_h, int in_w);

/* The image of the batch that is laid over image i, where they are mixed. */
int nml_run_partner(const nml_run *run, int i);

/* loss.c: softmax, cross-entropy and its gradient. */
void nml_cross_entropy(nml_run *run, int layer, const nml_slab *slab);

#endif
