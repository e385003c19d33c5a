/* conv.h: a convolution's geometry, for the files of src/nn that compute it.
 *   conv.c           memory and forward
 *   conv_backward.c  gradients where every output pixel has one
 *   conv_data.c      of those, the products for the gradient by data
 *   conv_winners.c   gradients behind a maxpool, where few have
 *   depthwise.c      groups of single channels: apart from all of these
 *   conv_bf16.c      forward and conv_backward.c's part in bf16
 */
#ifndef NML_NN_CONV_H
#define NML_NN_CONV_H

#include "nn/layer.h"

/* Sizes are of one image. */
typedef struct nml_conv {
  const nml_layer *layer;
  const nml_layer *pool;  /* the maxpool done with it, or NULL */
  int used_h, used_w;     /* output pixels that anyone looks at */
  int padded_h, padded_w; /* the input with its border; pitch as the input */
  bool padded;
} nml_conv;

nml_conv nml_conv_of(const nml_run *run, int layer);

size_t nml_conv_used_floats(const nml_conv *g);
size_t nml_conv_padded_floats(const nml_conv *g);  /* 0: no border */
size_t nml_conv_weight_floats(const nml_layer *l); /* with the bias */

/* Weights between groups stay 0: clears their part of a gradient by the
 * weights, of which gradient[0 .. count - 1] are floats `from` and up. */
void nml_conv_clear_between(const nml_layer *l, size_t from, size_t count,
                            float *gradient);

/* Where every `step`th output pixel of every `step`th row begins to look. */
void nml_conv_fill_rows(const nml_conv *g, int step, int32_t *row);
/* [window_h][window_w][channels] offsets into a map `width` pixels wide. */
void nml_conv_fill_taps(const nml_layer *l, int width, int pitch, int channels,
                        int32_t *taps);

/* The image with its border of zeros, or the image itself where it has none.
 * `scratch` holds padded_floats. */
const float *nml_conv_pad(const nml_conv *g, const float *image,
                          float *scratch);

/* The maxpool's windows are of 2 x 2, side by side and none over the edge:
 * then it is done before the map leaves the registers, and place->rows are
 * its windows instead of the map's pixels. */
bool nml_conv_is_grouped(const nml_conv *g);
/* That product of image `image`, to be completed by x, tap, taps and w. */
nml_forward nml_conv_grouped(const nml_run *run, const nml_conv *g, int image);

/* Where the output map of an image goes: `scratch`, which holds used_floats,
 * where a maxpool is to follow. */
float *nml_conv_map(const nml_run *run, const nml_conv *g, int image,
                    float *scratch);
/* The maxpool of that map, if any. */
void nml_conv_pool(const nml_run *run, const nml_conv *g, int image,
                   const float *map);

/* The steps of a layer (nml_layer_kind_ops) in its two backward forms. */
typedef struct nml_conv_gradient {
  void (*plan)(nml_run *run, int layer, const nml_conv *g);
  void (*turn)(nml_run *run, int layer, int place); /* a place of the window */
  void (*slab)(nml_run *run, int layer, const nml_slab *slab);
  void (*finish)(nml_run *run, int layer);
} nml_conv_gradient;

extern const nml_conv_gradient nml_conv_all, nml_conv_all_bf16,
    nml_conv_winners, nml_conv_winner_pixels;

/* conv_backward.c's: dy of an image, [used_h][used_w], in `scratch` (which
 * holds used_floats) or in place; and the products for the gradient by data
 * (conv_data.h) with their memory. */
const float *nml_conv_output_gradient(nml_run *run, const nml_conv *g,
                                      int image, float *scratch);
void nml_conv_plan_data(nml_run *run, int layer, const nml_conv *g);

#endif
