/* conv_data.h: a convolution's gradient by its data, nothing multiplied by a
 * zero: pixels of the input that meet the same places of the window over
 * outputs that exist are one product. Near a border some places see no output;
 * a stride of s leaves each pixel one place in s by s.
 *
 * Against a product over a bordered map: 1.3 times as fast at 13x13x32, 3x3.
 * Pixels of a slab's images share the products, for a corner is one pixel an
 * image, too few to keep the processor busy. Must not know runs. */
#ifndef NML_NN_CONV_DATA_H
#define NML_NN_CONV_DATA_H

#include "nn/conv.h"

/* One product. Places are counted in the order of the turned weights. */
typedef struct nml_conv_data_part {
  int pixels;         /* of an image */
  int rows_at;        /* their offsets in `from` and `to`, image by image */
  int places;         /* of the window, 0: these pixels' gradient is zero */
  int place, taps_at; /* the first of them, and of `taps` */
  int from_at;        /* added to `from` */
  bool accumulate;
} nml_conv_data_part;

typedef struct nml_conv_data {
  nml_conv_data_part *parts; /* [parts_count] */
  int parts_count;
  int32_t *from, *to; /* [NML_SLAB][pixels of the input], by part */
  int32_t *taps;      /* [nml_conv_data_taps] */
  int32_t *pair_taps; /* the same by pairs of units, for bf16; or NULL */
} nml_conv_data;

/* How many there are; listed where `parts` is not NULL. */
int nml_conv_data_parts(const nml_conv *g, nml_conv_data_part *parts);
/* Places of the window in the table of taps, each of which has a tap for each
 * unit. */
int nml_conv_data_tap_places(const nml_conv *g);
/* Fills what `data` points to. */
void nml_conv_data_fill(const nml_conv *g, nml_conv_data *data);

/* Where place (y, x) of the window lies in the turned weights [place][unit]
 * [channel]: mirrored, apart for each remainder by the stride. */
int nml_conv_data_place(const nml_conv *g, int y, int x);

/* dy [images][used_h][used_w], dx [images][in]; 1 <= images <= NML_SLAB. */
void nml_conv_data_gradient(const nml_kernels *kernels, const nml_conv *g,
                            const nml_conv_data *data, int images,
                            const float *dy, const float *turned, float *dx);
void nml_conv_data_gradient_bf16(const nml_bf16_kernels *kernels,
                                 const nml_conv *g, const nml_conv_data *data,
                                 int images, const nml_bf16 *dy,
                                 const nml_bf16 *turned_pairs, float *dx);

#endif
