/* input.c: see input.h. */
#include "nn/input.h"

#include "base/memory.h"

#include <string.h>

nml_shape nml_input_shape(const nml_net *net) {
  const nml_layer *first = &net->layers[0];
  return first->spec.kind == NML_CROP ? first->out : first->in;
}

/* The first pixel that is kept. */
static const uint8_t *corner(const nml_net *net, const uint8_t *image) {
  const nml_layer *first = &net->layers[0];
  if (first->spec.kind != NML_CROP) return image;
  return image + first->pad_top * NUMERAL_IMAGE_SIDE + first->pad_left;
}

void nml_input_fetch(const nml_net *net, const uint8_t *image) {
  const uint8_t *from = corner(net, image);
  const uint8_t *end =
      from + (nml_input_shape(net).h - 1) * NUMERAL_IMAGE_SIDE + 1;
  for (; from < end; from += NML_ALIGN_BYTES) __builtin_prefetch(from);
}

/* Rows of whole images are as good as one. */
static nml_shape as_rows(nml_shape shape) {
  if (shape.w == NUMERAL_IMAGE_SIDE)
    return (nml_shape){1, shape.h * shape.w, 1, 1};
  return shape;
}

void nml_input_bytes(const nml_net *net, const uint8_t *image, uint8_t *out) {
  const nml_shape shape = as_rows(nml_input_shape(net));
  const uint8_t *from = corner(net, image);
  for (int y = 0; y < shape.h; y++, from += NUMERAL_IMAGE_SIDE, out += shape.w)
    memcpy(out, from, (size_t)shape.w);
}

void nml_input_floats(const nml_net *net, const nml_kernels *kernels,
                      const uint8_t *image, float *out) {
  const nml_shape shape = as_rows(nml_input_shape(net));
  const size_t pitch = (size_t)net->layers[0].in.pitch;
  const float scale = 1.0f / 255.0f;
  const uint8_t *from = corner(net, image);
  for (int y = 0; y < shape.h; y++, from += NUMERAL_IMAGE_SIDE) {
    if (pitch == 1) {
      kernels->bytes_to_floats((size_t)shape.w, from, scale, out);
      out += shape.w;
      continue;
    }
    memset(out, 0, (size_t)shape.w * pitch * sizeof *out);
    for (int x = 0; x < shape.w; x++, out += pitch)
      *out = (float)from[x] * scale;
  }
}
