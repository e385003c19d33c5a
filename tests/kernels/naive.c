/* See naive.h. */
#include "naive.h"

#include <math.h>
#include <string.h>

void naive_product(const nml_product *p, double *y, double *magnitude) {
  for (int r = 0; r < p->rows; r++) {
    for (int k = 0; k < p->lanes; k++) {
      double sum = p->bias ? (double)p->bias[k] : 0, size = fabs(sum);
      for (int q = 0; q < p->taps; q++) {
        double term = (double)p->x[p->row[r] + p->tap[q]] *
                      (double)p->w[q * p->w_pitch + k];
        sum += term;
        size += fabs(term);
      }
      y[r * p->lanes + k] = p->relu && sum < 0 ? 0 : sum;
      magnitude[r * p->lanes + k] = size;
    }
  }
}

void naive_product_gradient(const nml_product_gradient *p, double *dw,
                            double *magnitude) {
  for (int q = 0; q < p->taps; q++) {
    for (int k = 0; k < p->lanes; k++) {
      double sum = p->accumulate ? (double)p->dw[q * p->w_pitch + k] : 0;
      double size = fabs(sum);
      for (int r = 0; r < p->rows; r++) {
        double term = (double)p->x[p->row[r] + p->tap[q]] *
                      (double)p->dy[r * p->dy_pitch + k];
        sum += term;
        size += fabs(term);
      }
      dw[q * p->lanes + k] = sum;
      magnitude[q * p->lanes + k] = size;
    }
  }
}

/* The value of the map that place (wy, wx) of a window sees, as an index of
 * lane 0; -1 outside the map. */
static int seen(const nml_windows *w, int out_y, int out_x, int wy, int wx) {
  int y = out_y * w->stride - w->pad_top + wy;
  int x = out_x * w->stride - w->pad_left + wx;
  if (y < 0 || y >= w->in_h || x < 0 || x >= w->in_w) return -1;
  return (y * w->in_w + x) * w->pitch;
}

static int real_pixels(const nml_windows *w, int out_y, int out_x) {
  int count = 0;
  for (int i = 0; i < w->window_h * w->window_w; i++)
    count += seen(w, out_y, out_x, i / w->window_w, i % w->window_w) >= 0;
  return count;
}

static void max_of_window(const nml_windows *w, const float *x, int out_y,
                          int out_x, int lane, double *y, uint8_t *best) {
  int found = 0;
  for (int i = 0; i < w->window_h * w->window_w; i++) {
    int at = seen(w, out_y, out_x, i / w->window_w, i % w->window_w);
    if (at < 0) continue;
    double value = (double)x[at + lane];
    if (!found || value > *y || isnan(value)) {
      *y = value;
      *best = (uint8_t)i;
    }
    found = 1;
  }
}

void naive_maxpool(const nml_windows *w, const float *x, double *y,
                   uint8_t *best) {
  for (int o = 0; o < w->out_h * w->out_w; o++) {
    for (int k = 0; k < w->pitch; k++) {
      max_of_window(w, x, o / w->out_w, o % w->out_w, k, &y[o * w->pitch + k],
                    &best[o * w->pitch + k]);
    }
  }
}

static void clear(const nml_windows *w, double *dx, double *magnitude) {
  size_t count = (size_t)w->in_h * (size_t)w->in_w * (size_t)w->pitch;
  memset(dx, 0, count * sizeof *dx);
  memset(magnitude, 0, count * sizeof *magnitude);
}

void naive_maxpool_gradient(const nml_windows *w, const float *dy,
                            const uint8_t *best, double *dx,
                            double *magnitude) {
  clear(w, dx, magnitude);
  for (int o = 0; o < w->out_h * w->out_w; o++) {
    for (int k = 0; k < w->pitch; k++) {
      int place = best[o * w->pitch + k];
      int at = seen(w, o / w->out_w, o % w->out_w, place / w->window_w,
                    place % w->window_w);
      dx[at + k] += (double)dy[o * w->pitch + k];
      magnitude[at + k] += fabs((double)dy[o * w->pitch + k]);
    }
  }
}

void naive_avgpool(const nml_windows *w, const float *x, double *y,
                   double *magnitude) {
  for (int o = 0; o < w->out_h * w->out_w; o++) {
    int out_y = o / w->out_w, out_x = o % w->out_w;
    double share = 1.0 / real_pixels(w, out_y, out_x);
    for (int k = 0; k < w->pitch; k++) {
      double *mean = &y[o * w->pitch + k], *size = &magnitude[o * w->pitch + k];
      *mean = *size = 0;
      for (int i = 0; i < w->window_h * w->window_w; i++) {
        int at = seen(w, out_y, out_x, i / w->window_w, i % w->window_w);
        if (at < 0) continue;
        *mean += share * (double)x[at + k];
        *size += share * fabs((double)x[at + k]);
      }
    }
  }
}

void naive_avgpool_gradient(const nml_windows *w, const float *dy, double *dx,
                            double *magnitude) {
  clear(w, dx, magnitude);
  for (int o = 0; o < w->out_h * w->out_w; o++) {
    int out_y = o / w->out_w, out_x = o % w->out_w;
    double share = 1.0 / real_pixels(w, out_y, out_x);
    for (int i = 0; i < w->window_h * w->window_w; i++) {
      int at = seen(w, out_y, out_x, i / w->window_w, i % w->window_w);
      for (int k = 0; at >= 0 && k < w->pitch; k++) {
        dx[at + k] += share * (double)dy[o * w->pitch + k];
        magnitude[at + k] += share * fabs((double)dy[o * w->pitch + k]);
      }
    }
  }
}

void naive_depthwise(const nml_windows *w, const float *x, const float *weights,
                     const float *shift, int relu, double *y,
                     double *magnitude) {
  for (int o = 0; o < w->out_h * w->out_w; o++)
    for (int k = 0; k < w->pitch; k++) {
      double sum = (double)shift[k], size = fabs(sum);
      for (int q = 0; q < w->window_h * w->window_w; q++) {
        int at = seen(w, o / w->out_w, o % w->out_w, q / w->window_w,
                      q % w->window_w);
        if (at < 0) continue;
        double term = (double)x[at + k] * (double)weights[q * w->pitch + k];
        sum += term;
        size += fabs(term);
      }
      if (relu && sum < 0) sum = 0;
      if (relu == 6 && sum > 6) sum = 6;
      y[o * w->pitch + k] = sum;
      magnitude[o * w->pitch + k] = size;
    }
}

void naive_depthwise_data(const nml_windows *w, const float *dy,
                          const float *weights, double *dx, double *magnitude) {
  clear(w, dx, magnitude);
  for (int o = 0; o < w->out_h * w->out_w; o++)
    for (int q = 0; q < w->window_h * w->window_w; q++) {
      int at =
          seen(w, o / w->out_w, o % w->out_w, q / w->window_w, q % w->window_w);
      for (int k = 0; at >= 0 && k < w->pitch; k++) {
        double term =
            (double)dy[o * w->pitch + k] * (double)weights[q * w->pitch + k];
        dx[at + k] += term;
        magnitude[at + k] += fabs(term);
      }
    }
}

void naive_depthwise_weights(const nml_windows *w, const float *x,
                             const float *dy, const float *before, double *dw,
                             double *magnitude) {
  for (int i = 0; i < w->window_h * w->window_w * w->pitch; i++) {
    dw[i] = (double)before[i];
    magnitude[i] = fabs(dw[i]);
  }
  for (int o = 0; o < w->out_h * w->out_w; o++)
    for (int q = 0; q < w->window_h * w->window_w; q++) {
      int at =
          seen(w, o / w->out_w, o % w->out_w, q / w->window_w, q % w->window_w);
      for (int k = 0; at >= 0 && k < w->pitch; k++) {
        double term = (double)x[at + k] * (double)dy[o * w->pitch + k];
        dw[q * w->pitch + k] += term;
        magnitude[q * w->pitch + k] += fabs(term);
      }
    }
}

void naive_sgd(const nml_sgd *s, double gradient, double *velocity,
               double *parameter) {
  double g = (double)s->gradient_scale * gradient +
             (double)s->weight_decay * *parameter;
  *velocity = (double)s->momentum * *velocity + g;
  *parameter -= (double)s->learning_rate *
                (s->nesterov ? g + (double)s->momentum * *velocity : *velocity);
}

void naive_adam(const nml_adam *a, double gradient, double *m, double *v,
                double *parameter) {
  double g = (double)a->gradient_scale * gradient;
  double lr = (double)a->learning_rate, decay = (double)a->weight_decay;
  double b1 = (double)a->beta1, b2 = (double)a->beta2;
  if (a->decoupled)
    *parameter -= lr * decay * *parameter;
  else
    g += decay * *parameter;
  *m = b1 * *m + (1 - b1) * g;
  *v = b2 * *v + (1 - b2) * g * g;
  *parameter -= lr * (*m / (double)a->correction1) /
                (sqrt(*v / (double)a->correction2) + (double)a->epsilon);
}
