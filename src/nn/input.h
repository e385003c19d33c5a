/* input.h: from an image's bytes to what the first layer reads: a crop that
 * comes first is done here, where pixels are read anyway. */
#ifndef NML_NN_INPUT_H
#define NML_NN_INPUT_H

#include "kernels/kernels.h"
#include "nn/net.h"

/* What is left of an image of 28 x 28 bytes; pitch 1, or padded lanes where
 * the first layer works on those. */
nml_shape nml_input_shape(const nml_net *net);

/* Bytes 0..255 as floats 0..1, [nml_shape_floats(input_shape)]; the other
 * lanes, where there are any, are 0. */
void nml_input_floats(const nml_net *net, const nml_kernels *kernels,
                      const uint8_t *image, float *out);
/* Asks for the image's memory before it is needed. */
void nml_input_fetch(const nml_net *net, const uint8_t *image);
/* Bytes as they are; pitch 1 only. */
void nml_input_bytes(const nml_net *net, const uint8_t *image, uint8_t *out);

#endif
