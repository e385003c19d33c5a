/* run.c: plans the memory of a net, lists the operations of a step, and
 * executes the list on all threads. Must not know what a layer computes. */
#include "nn/run.h"

#include "nn/input.h"
#include "nn/layer.h"

#include <assert.h>
#include <string.h>

static const nml_layer_kind_ops *const kind_ops[NML_LAYER_KINDS] = {
    [NML_CONV] = &nml_conv_ops,
    [NML_DENSE] = &nml_dense_ops,
    [NML_MAXPOOL] = &nml_maxpool_ops,
    [NML_AVGPOOL] = &nml_avgpool_ops,
    [NML_BATCHNORM] = &nml_batchnorm_ops,
    [NML_RELU] = &nml_relu_ops,
    [NML_DROPOUT] = &nml_dropout_ops,
    [NML_FLATTEN] = &nml_flatten_ops,
    [NML_CROP] = &nml_crop_ops,
    /* its window is its whole input */
    [NML_GLOBALAVGPOOL] = &nml_avgpool_ops,
    [NML_RESIDUAL] = &nml_residual_ops,
    [NML_SHORTCUT] = &nml_shortcut_ops,
    [NML_ADD] = &nml_add_ops,
    [NML_RELU6] = &nml_relu6_ops,
    [NML_DEPTHWISE] = &nml_depthwise_ops};

void *nml_run_take(nml_run *run, size_t count, size_t size_bytes) {
  size_t at = nml_arena_take(&run->arena, count, size_bytes);
  return run->arena.base ? nml_arena_at(&run->arena, at) : NULL;
}

void nml_run_need_zeros(nml_run *run, size_t floats) {
  if (floats > run->zero_floats) run->zero_floats = floats;
}

void nml_run_need_scratch(nml_run *run, size_t floats) {
  floats = (floats + NML_LANES - 1) / NML_LANES * NML_LANES;
  if (floats > run->scratch_floats) run->scratch_floats = floats;
}

/* The last layer's values go into the loss: they stay floats. */
static const nml_layer_kind_ops *ops_of(const nml_run *run, int layer) {
  nml_layer_kind kind = run->net->layers[layer].spec.kind;
  bool narrow = run->bf16 && layer + 1 < run->net->layer_count;
  if (narrow && kind == NML_CONV) return &nml_conv_bf16_ops;
  if (narrow && kind == NML_DENSE) return &nml_dense_bf16_ops;
  return kind_ops[kind];
}

static nml_op *add_op(nml_run *run, int layer) {
  assert(run->op_count < NML_MAX_OPS);
  nml_op *op = &run->ops[run->op_count++];
  op->layer = layer;
  return op;
}

void nml_add_slab(nml_run *run, int layer, nml_slab_fn fn) {
  nml_op *op = add_op(run, layer);
  op->kind = NML_OP_SLAB;
  op->slab = fn;
}

void nml_add_sync(nml_run *run, int layer, nml_sync_fn fn) {
  nml_op *op = add_op(run, layer);
  op->kind = NML_OP_SYNC;
  op->sync = fn;
}

void nml_add_task(nml_run *run, int layer, int tasks, nml_task_fn fn) {
  nml_op *op = add_op(run, layer);
  op->kind = NML_OP_TASK;
  op->task = fn;
  op->tasks = tasks;
}

bool nml_sends_back(const nml_run *run, int layer) {
  int from = run->net->layers[layer].from;
  return from >= 0 && run->places[from].moves;
}

void nml_plan_out(nml_run *run, int layer) {
  nml_place *place = &run->places[layer];
  size_t count =
      nml_shape_floats(run->net->layers[layer].out) * (size_t)run->maps;
  place->out = nml_run_take(run, count, sizeof(float));
  place->delta = nml_run_take(run, count, sizeof(float));
}

/* Whether every image of the batch has its maps: slab->first is slab->image. */
static bool has_all_maps(const nml_run *run) {
  return run->maps == run->options.max_batch;
}

float *nml_map_below(const nml_run *run, int layer) {
  const int from = run->net->layers[layer].from;
  return from >= 0 ? run->places[from].out : run->input;
}

float *nml_plan_kept(nml_run *run, size_t width, float *map) {
  if (has_all_maps(run)) return map;
  return nml_run_take(run, (size_t)run->options.max_batch * width, sizeof *map);
}

void nml_keep_rows(const nml_slab *slab, size_t width, const float *rows,
                   float *kept) {
  if (kept != rows)
    memcpy(kept + (size_t)slab->image * width,
           rows + (size_t)slab->first * width,
           (size_t)slab->count * width * sizeof *kept);
}

void nml_plan_alias(nml_run *run, int layer) {
  nml_place *place = &run->places[layer];
  place->out = nml_map_below(run, layer);
  place->delta = place->in_delta;
}

void nml_close_relu(nml_run *run, int layer, const nml_slab *slab) {
  const nml_place *place = &run->places[layer];
  size_t floats = nml_shape_floats(run->net->layers[layer].out);
  size_t at = floats * (size_t)slab->first;
  const bool six = run->net->layers[layer].spec.relu == 6;
  (six ? run->kernels->relu6_gradient : run->kernels->relu_gradient)(
      floats * (size_t)slab->count, place->out + at, place->delta + at,
      place->delta + at);
}

static size_t index_of(const nml_batch *batch, int i) {
  return batch->order ? batch->order[i] : (size_t)i;
}

static const uint8_t *image_of(const nml_batch *batch, int i) {
  return batch->images + index_of(batch, i) * NUMERAL_IMAGE_PIXELS;
}

/* Shuffled images lie all over a memory larger than the cache: each is asked
 * for while others are worked on. */
static void fetch_ahead(const nml_run *run, const nml_slab *slab) {
  int first = slab->image + NML_SLAB * run->options.threads;
  int known = run->batch.count + run->batch.ahead;
  for (int i = first; i < first + NML_SLAB && i < known; i++)
    nml_input_fetch(run->net, image_of(&run->batch, i));
}

const uint8_t *nml_batch_image(const nml_batch *batch, int i,
                               uint8_t room[NUMERAL_IMAGE_PIXELS]) {
  const uint8_t *image = image_of(batch, i);
  if (!batch->change) return image;
  batch->change(batch->change_context, index_of(batch, i), image, room);
  return room;
}

int nml_run_partner(const nml_run *run, int i) {
  return run->batch.count - 1 - i;
}

/* Image i, or where images are mixed what becomes of it. */
static const uint8_t *input_image(const nml_run *run, int i,
                                  uint8_t room[2][NUMERAL_IMAGE_PIXELS]) {
  const uint8_t *own = nml_batch_image(&run->batch, i, room[0]);
  if (!run->batch.shares) return own;
  const uint8_t *other =
      nml_batch_image(&run->batch, nml_run_partner(run, i), room[1]);
  const uint32_t share = run->batch.shares[i];
  for (int p = 0; p < NUMERAL_IMAGE_PIXELS; p++)
    room[0][p] =
        (uint8_t)((own[p] * share + other[p] * (NML_SHARE_ONE - share) +
                   NML_SHARE_ONE / 2) /
                  NML_SHARE_ONE);
  return room[0];
}

static void load_images(nml_run *run, int layer, const nml_slab *slab) {
  size_t floats = nml_shape_floats(nml_input_shape(run->net));
  uint8_t room[2][NUMERAL_IMAGE_PIXELS];
  (void)layer;
  fetch_ahead(run, slab);
  for (int i = 0; i < slab->count; i++)
    nml_input_floats(run->net, run->kernels,
                     input_image(run, slab->image + i, room),
                     run->input + (size_t)(slab->first + i) * floats);
}

/* Which layers have a gradient to take: those with parameters that move, and
 * what reads them. */
static void find_moving(nml_run *run) {
  const nml_net *net = run->net;
  for (int i = 0; i < net->layer_count; i++) {
    const nml_layer *l = &net->layers[i];
    run->places[i].moves =
        (l->parameter_count > 0 && i >= run->options.frozen) ||
        (l->from >= 0 && run->places[l->from].moves) ||
        (l->other >= 0 && run->places[l->other].moves);
  }
}

/* Batch normalisation waits for the batch, whose maps must be there by then;
 * and without a convolution there is little but what dense layers keep. */
static int maps_of(const nml_net *net, const nml_run_options *options) {
  bool convolves = false;
  for (int i = 0; i < net->layer_count; i++) {
    if (net->layers[i].spec.kind == NML_BATCHNORM) return options->max_batch;
    if (net->layers[i].spec.kind == NML_CONV) convolves = true;
  }
  const int slabs = (options->max_batch + NML_SLAB - 1) / NML_SLAB;
  return convolves && options->threads < slabs ? options->threads * NML_SLAB
                                               : options->max_batch;
}

static void plan(nml_run *run) {
  const nml_net *net = run->net;
  size_t batch = (size_t)run->options.max_batch;
  run->arena.used_bytes = 0;
  run->ops = nml_run_take(run, NML_MAX_OPS, sizeof *run->ops);
  run->shares = nml_run_take(run, NML_MAX_OPS * (size_t)run->options.threads,
                             sizeof *run->shares);
  run->losses = nml_run_take(run, batch, sizeof *run->losses);
  run->correct = nml_run_take(run, batch, sizeof *run->correct);
  run->input = nml_run_take(
      run, (size_t)run->maps * nml_shape_floats(nml_input_shape(net)),
      sizeof *run->input);
  for (int i = 0; i < net->layer_count; i++) {
    nml_place *place = &run->places[i];
    int from = net->layers[i].from;
    place->in = nml_map_below(run, i);
    place->in_delta = nml_sends_back(run, i) ? run->places[from].delta : NULL;
    ops_of(run, i)->plan(run, i);
  }
  run->zeros = nml_run_take(run, run->zero_floats, sizeof *run->zeros);
  run->scratch =
      nml_run_take(run, run->scratch_floats * (size_t)run->options.threads,
                   sizeof *run->scratch);
}

typedef void (*add_fn)(nml_run *run, int layer);

static void add_if(add_fn fn, nml_run *run, int layer) {
  if (fn) fn(run, layer);
}

static void list_ops(nml_run *run) {
  const nml_net *net = run->net;
  int count = net->layer_count;
  for (int i = 0; i < count; i++) add_if(ops_of(run, i)->prepare, run, i);
  nml_add_slab(run, 0, load_images);
  for (int i = 0; i < count; i++) add_if(ops_of(run, i)->forward, run, i);
  nml_add_slab(run, count - 1, nml_cross_entropy);
  for (int i = count - 1; i >= 0; i--)
    if (run->places[i].moves) add_if(ops_of(run, i)->backward, run, i);
  for (int i = 0; i < count; i++)
    if (run->places[i].moves) add_if(ops_of(run, i)->finish, run, i);
}

/* Offsets into a batch's activations are 32-bit. */
static bool offsets_fit(const nml_net *net, int batch) {
  for (int i = 0; i < net->layer_count; i++)
    if (nml_shape_floats(net->layers[i].in) * (size_t)batch > INT32_MAX ||
        nml_shape_floats(net->layers[i].out) * (size_t)batch > INT32_MAX)
      return false;
  return true;
}

numeral_status nml_run_create(const nml_net *net,
                              const nml_run_options *options, nml_run **run,
                              numeral_error *error) {
  assert(options->max_batch >= 1 && options->max_batch <= NML_MAX_BATCH);
  assert(options->threads >= 1);
  assert(!options->bf16 || nml_bf16_kernels_get());
  *run = NULL;
  if (!offsets_fit(net, options->max_batch))
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "a batch of %d images of this network is too large: use a "
                    "smaller batch",
                    options->max_batch);
  nml_run *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "a run", sizeof *made);
  made->net = net;
  made->options = *options;
  made->maps = maps_of(net, options);
  made->kernels = nml_kernels_get();
  made->bf16 = options->bf16 ? nml_bf16_kernels_get() : NULL;
  made->places = nml_alloc((size_t)net->layer_count, sizeof *made->places);
  if (!made->places) goto refused;
  find_moving(made);
  plan(made); /* measures */
  if (made->arena.overflow) goto refused;
  made->arena.base = nml_alloc(made->arena.used_bytes, 1);
  if (!made->arena.base) goto refused;
  plan(made); /* carves */
  list_ops(made);
  numeral_status status = nml_team_create(options->threads, &made->team, error);
  if (status != NUMERAL_OK) {
    nml_run_destroy(made);
    return status;
  }
  *run = made;
  return NUMERAL_OK;
refused:
  nml_fail_memory(error, "the network's working memory",
                  made->arena.used_bytes);
  nml_run_destroy(made);
  return NUMERAL_ERROR_MEMORY;
}

void nml_run_destroy(nml_run *run) {
  if (!run) return;
  nml_team_destroy(run->team);
  nml_free(run->arena.base);
  nml_free(run->places);
  nml_free(run);
}

/* The end of the operations from `from` that are of one kind: they may run
 * without waiting for one another. */
static int segment_end(const nml_run *run, int from) {
  int end = from;
  while (end < run->op_count && run->ops[end].kind == run->ops[from].kind)
    end++;
  return end;
}

static void run_group(nml_run *run, int from, int end, int group, int member) {
  float *scratch = run->scratch + (size_t)member * run->scratch_floats;
  int first = group * run->group_images;
  int last = first + run->group_images;
  if (last > run->batch.count) last = run->batch.count;
  for (int i = first; i < last; i += NML_SLAB) {
    int count = last - i < NML_SLAB ? last - i : NML_SLAB;
    const nml_slab slab = {.image = i,
                           .count = count,
                           .first = has_all_maps(run) ? i : member * NML_SLAB,
                           .group = group,
                           .opens_group = i == first,
                           .scratch = scratch};
    for (int op = from; op < end; op++)
      run->ops[op].slab(run, run->ops[op].layer, &slab);
  }
}

/* The next part that falls to the member of an operation's `parts`, or -1. */
static int deal(nml_run *run, int op, int member, int parts) {
  int threads = run->options.threads;
  return nml_team_deal(run->shares + (ptrdiff_t)op * threads, threads, member,
                       parts);
}

/* The member's part of the operations [from, end), of one kind. */
static void run_segment(nml_run *run, int from, int end, int member) {
  if (run->ops[from].kind == NML_OP_SLAB) {
    for (int i; (i = deal(run, from, member, run->groups)) >= 0;)
      run_group(run, from, end, i, member);
    return;
  }
  for (int op = from; op < end; op++)
    for (int i; (i = deal(run, op, member, run->ops[op].tasks)) >= 0;)
      run->ops[op].task(run, run->ops[op].layer, i);
}

typedef struct syncs {
  nml_run *run;
  int from, end;
} syncs;

static void run_syncs(void *context) {
  const syncs *s = context;
  for (int op = s->from; op < s->end; op++)
    s->run->ops[op].sync(s->run, s->run->ops[op].layer);
}

static bool is_sync(const nml_run *run, int op) {
  return op < run->op_count && run->ops[op].kind == NML_OP_SYNC;
}

static void work(void *context, int member) {
  nml_run *run = context;
  for (int from = 0; from < run->op_count;) {
    int end = segment_end(run, from);
    run_segment(run, from, end, member);
    from = is_sync(run, end) ? segment_end(run, end) : end;
    syncs between = {run, end, from};
    if (end < run->op_count)
      nml_team_meet_after(run->team, run_syncs, &between);
  }
}

static void execute(nml_run *run) {
  for (int i = 0; i < run->op_count * run->options.threads; i++)
    atomic_store_explicit(&run->shares[i].dealt, 0, memory_order_relaxed);
  nml_team_run(run->team, work, run);
}

nml_team *nml_run_team(const nml_run *run) { return run->team; }

static void begin(nml_run *run, const nml_batch *batch) {
  assert(batch->count >= 1 && batch->count <= run->options.max_batch);
  run->batch = *batch;
  int slabs = (batch->count + NML_SLAB - 1) / NML_SLAB;
  int group_slabs = (slabs + NML_MAX_GROUPS - 1) / NML_MAX_GROUPS;
  run->group_images = group_slabs * NML_SLAB;
  run->groups = (batch->count + run->group_images - 1) / run->group_images;
}

nml_loss nml_run_gradient(nml_run *run, const float *params, float *state,
                          const nml_batch *batch, float *gradient) {
  nml_loss loss = {0, 0};
  begin(run, batch);
  run->params = params;
  run->state = state;
  run->gradient = gradient;
  execute(run);
  for (int i = 0; i < batch->count; i++) {
    loss.sum += (double)run->losses[i];
    loss.correct += run->correct[i];
  }
  return loss;
}
