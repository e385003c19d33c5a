/* time_onednn.cpp: the rate of oneDNN's kernels on the shapes of `cnn`.
 *
 *   time_onednn THREADS
 *
 * Prints a JSON object a line: first the version, then kernel, shape,
 * precision and GFLOP/s, counting only multiplications and additions that the
 * result needs. No reorder is timed; no bias and no relu either, which
 * numeral's kernels do have. Each figure is the best one of batch 64 and 8 and
 * of two memory formats: the one that oneDNN chooses, and channels last.
 * Compiles with oneDNN 2 and 3; the caller sets OMP_NUM_THREADS. Must not know
 * numeral. */
#include <dnnl.hpp>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_map>
#include <vector>

using namespace dnnl;
using tag = memory::format_tag;
using type = memory::data_type;
using arguments = std::unordered_map<int, memory>;

static const int samples = 15;
static const double sample_seconds = 0.002;

enum kind { FORWARD, DATA, WEIGHTS };
static const char *const kind_names[] = {"forward", "data gradient",
                                         "weight gradient"};

/* A convolution from side x side x in, or (window 0) a dense layer. */
struct shape {
  const char *text;
  int side, in, out, window;
};

static const shape shapes[] = {
    {"28x28x1 -> 26x26x32 3x3", 28, 1, 32, 3},
    {"13x13x32 -> 11x11x64 3x3", 13, 32, 64, 3},
    {"64 x 1600 -> 128", 1, 1600, 128, 0},
};

static int out_side(const shape &s) {
  return s.window ? s.side - s.window + 1 : 1;
}

static double operations(const shape &s, int batch) {
  double taps = s.window ? s.window * s.window : 1;
  return 2.0 * batch * out_side(s) * out_side(s) * s.in * s.out * taps;
}

/* ---- oneDNN 2 and 3 differ in how a primitive is described ------------- */

#if DNNL_VERSION_MAJOR >= 3
#define DESCRIBE(op, eng, ...) op::primitive_desc(eng, __VA_ARGS__)
#define DESCRIBE_GRADIENT(op, eng, hint, ...) \
  op::primitive_desc(eng, __VA_ARGS__, hint)
#else
#define DESCRIBE(op, eng, ...) op::primitive_desc(op::desc(__VA_ARGS__), eng)
#define DESCRIBE_GRADIENT(op, eng, hint, ...) \
  op::primitive_desc(op::desc(__VA_ARGS__), eng, hint)
#endif

/* What is executed: a primitive and its memory. */
struct work {
  primitive run;
  arguments args;
};

/* Small numbers of both signs: zeros or denormals would flatter or punish. */
static memory fill(const memory::desc &desc, const engine &eng) {
  memory m(desc, eng);
  size_t bytes = desc.get_size();
  void *raw = m.map_data();
  uint16_t *halves = static_cast<uint16_t *>(raw);
  for (size_t i = 0; i < bytes / 2; i++)
    halves[i] = static_cast<uint16_t>(0x3d00 + i % 61 + (i % 2 << 15));
  m.unmap_data(raw);
  return m;
}

struct maps {
  memory::desc x, w, w_gradient, y;
};

static maps describe(const shape &s, int batch, type t, tag layout) {
  memory::dims x, w, y;
  if (s.window) {
    x = {batch, s.in, s.side, s.side};
    w = {s.out, s.in, s.window, s.window};
    y = {batch, s.out, out_side(s), out_side(s)};
  } else {
    x = {batch, s.in};
    w = {s.out, s.in};
    y = {batch, s.out};
  }
  return {{x, t, layout},
          {w, t, tag::any},
          {w, type::f32, tag::any},
          {y, t, layout}};
}

static work conv(const shape &s, kind k, int batch, type t, tag layout,
                 const engine &eng) {
  const memory::dims one = {1, 1}, none = {0, 0};
  const maps m = describe(s, batch, t, layout);
  auto forward =
      DESCRIBE(convolution_forward, eng, prop_kind::forward_training,
               algorithm::convolution_direct, m.x, m.w, m.y, one, none, none);
  if (k == FORWARD)
    return {convolution_forward(forward),
            {{DNNL_ARG_SRC, fill(forward.src_desc(), eng)},
             {DNNL_ARG_WEIGHTS, fill(forward.weights_desc(), eng)},
             {DNNL_ARG_DST, fill(forward.dst_desc(), eng)}}};
  if (k == DATA) {
    auto p = DESCRIBE_GRADIENT(convolution_backward_data, eng, forward,
                               algorithm::convolution_direct, m.x, m.w, m.y,
                               one, none, none);
    return {convolution_backward_data(p),
            {{DNNL_ARG_DIFF_DST, fill(p.diff_dst_desc(), eng)},
             {DNNL_ARG_WEIGHTS, fill(p.weights_desc(), eng)},
             {DNNL_ARG_DIFF_SRC, fill(p.diff_src_desc(), eng)}}};
  }
  auto p = DESCRIBE_GRADIENT(convolution_backward_weights, eng, forward,
                             algorithm::convolution_direct, m.x, m.w_gradient,
                             m.y, one, none, none);
  return {convolution_backward_weights(p),
          {{DNNL_ARG_DIFF_DST, fill(p.diff_dst_desc(), eng)},
           {DNNL_ARG_SRC, fill(p.src_desc(), eng)},
           {DNNL_ARG_DIFF_WEIGHTS, fill(p.diff_weights_desc(), eng)}}};
}

static work dense(const shape &s, kind k, int batch, type t,
                  const engine &eng) {
  const maps m = describe(s, batch, t, tag::any);
  auto forward = DESCRIBE(inner_product_forward, eng,
                          prop_kind::forward_training, m.x, m.w, m.y);
  if (k == FORWARD)
    return {inner_product_forward(forward),
            {{DNNL_ARG_SRC, fill(forward.src_desc(), eng)},
             {DNNL_ARG_WEIGHTS, fill(forward.weights_desc(), eng)},
             {DNNL_ARG_DST, fill(forward.dst_desc(), eng)}}};
  if (k == DATA) {
    auto p = DESCRIBE_GRADIENT(inner_product_backward_data, eng, forward, m.x,
                               m.w, m.y);
    return {inner_product_backward_data(p),
            {{DNNL_ARG_DIFF_DST, fill(p.diff_dst_desc(), eng)},
             {DNNL_ARG_WEIGHTS, fill(p.weights_desc(), eng)},
             {DNNL_ARG_DIFF_SRC, fill(p.diff_src_desc(), eng)}}};
  }
  auto p = DESCRIBE_GRADIENT(inner_product_backward_weights, eng, forward, m.x,
                             m.w_gradient, m.y);
  return {inner_product_backward_weights(p),
          {{DNNL_ARG_DIFF_DST, fill(p.diff_dst_desc(), eng)},
           {DNNL_ARG_SRC, fill(p.src_desc(), eng)},
           {DNNL_ARG_DIFF_WEIGHTS, fill(p.diff_weights_desc(), eng)}}};
}

/* ---- Timing ------------------------------------------------------------ */

static double seconds_of(const work &w, stream &queue, int calls) {
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; i++) w.run.execute(queue, w.args);
  queue.wait();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

/* The median sample, in seconds a call. */
static double median_call(const work &w, stream &queue) {
  int calls = 1;
  while (seconds_of(w, queue, calls) < sample_seconds) calls *= 2;
  std::vector<double> times;
  for (int i = 0; i < samples; i++)
    times.push_back(seconds_of(w, queue, calls) / calls);
  std::sort(times.begin(), times.end());
  return times[samples / 2];
}

/* 0 where oneDNN cannot do it here. */
static double rate_of(const shape &s, kind k, int batch, type t, tag layout,
                      const engine &eng, stream &queue) {
  try {
    work w = s.window ? conv(s, k, batch, t, layout, eng)
                      : dense(s, k, batch, t, eng);
    return operations(s, batch) / median_call(w, queue) * 1e-9;
  } catch (const error &) {
    return 0;
  }
}

static double best_rate(const shape &s, kind k, type t, const engine &eng,
                        stream &queue) {
  double best = rate_of(s, k, 64, t, tag::any, eng, queue);
  if (!s.window) return best; /* its row says 64, and it has one format */
  for (int batch : {64, 8})
    for (tag layout : {tag::any, tag::nhwc})
      if (batch != 64 || layout != tag::any)
        best = std::max(best, rate_of(s, k, batch, t, layout, eng, queue));
  return best;
}

static void keep_to_cores(int count) {
  cpu_set_t allowed, kept;
  CPU_ZERO(&kept);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (int cpu = 0; cpu < CPU_SETSIZE && count > 0; cpu++)
    if (CPU_ISSET(cpu, &allowed)) {
      CPU_SET(cpu, &kept);
      count--;
    }
  sched_setaffinity(0, sizeof kept, &kept);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: time_onednn THREADS\n");
    return 2;
  }
  keep_to_cores(std::atoi(argv[1]));
  const dnnl_version_t *v = dnnl_version();
  std::printf("{\"version\":\"%d.%d.%d\"}\n", v->major, v->minor, v->patch);
  engine eng(engine::kind::cpu, 0);
  stream queue(eng);
  for (type t : {type::f32, type::bf16})
    for (const shape &s : shapes)
      for (kind k : {FORWARD, DATA, WEIGHTS}) {
        if (k == DATA && s.in == 1) continue; /* nobody asks for it */
        double rate = best_rate(s, k, t, eng, queue);
        if (rate > 0)
          std::printf(
              "{\"kernel\":\"%s %s\",\"shape\":\"%s\","
              "\"precision\":\"%s\",\"gflops\":%.2f}\n",
              s.window ? "conv" : "dense", kind_names[k], s.text,
              t == type::f32 ? "fp32" : "bf16", rate);
        std::fflush(stdout);
      }
  return 0;
}
