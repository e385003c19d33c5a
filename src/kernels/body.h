/* body.h: every kernel, written once. A file that includes it sets
 *
 *   SET            name of the table: nml_kernels_SET
 *   SET_NAME       the same as a string
 *   VECTOR_BYTES   16, 32 or 64: the width of a register
 *   ACCUMULATORS   registers that a tile of sums may fill
 *   TILE_ROWS      the tallest tile, at most 10: a row takes a register of
 *                  addresses
 *   TILE_VECTORS   the widest tile, at most 4
 *   WIDE_ROWS      for so few rows tiles are up to 8 vectors wide
 *
 * and is compiled for an instruction set that has such registers. Must not
 * know which processor it is. */
#ifndef NML_KERNELS_BODY_H
#define NML_KERNELS_BODY_H

#include "kernels/body_vectors.h"

#include "kernels/body_product.h"

#define WINNER_ELEMENT float
#define FOLD 1
#define WINNER_STORE(to, value) store(to, value)
#define FACTOR_TYPE float
#define FACTOR(a, b) ((void)(b), (a))
#define ADD_WINNERS(sum, x, y, factor) \
  ((void)(y), (sum)[0] += load(x) * (factor))
#include "kernels/body_winners.h"

#if defined(HAVE_LOOKUP)
#define PATCH_INDEX(a, b) ((void)(b), (a))
#define PATCH_STEP 1
#define PATCH_DY(a, b) ((void)(b), (a))
#define ADD_LOOKED_UP(sum, seen, dy) ((sum) + (seen) * (dy))
#include "kernels/body_winner_pixels.h"
#endif

#include "kernels/body_pool.h"

#include "kernels/body_depthwise.h"

#include "kernels/body_rows.h"

#define TABLE_OF(set) nml_kernels_##set
#define TABLE(set) TABLE_OF(set)

const nml_kernels TABLE(SET) = {
    .name = SET_NAME,
    .product = product,
    .forward = forward,
    .product_gradient = product_gradient,
    .winner_weights = winner_weights,
    .winner_data = winner_data,
#if defined(HAVE_LOOKUP)
    .winner_pixels = winner_pixels,
#endif
    .transpose = transpose,
    .maxpool = maxpool,
    .maxpool_gradient = maxpool_gradient,
    .avgpool = avgpool,
    .avgpool_gradient = avgpool_gradient,
    .depthwise = depthwise,
    .depthwise_data = depthwise_data,
    .depthwise_weights = depthwise_weights,
    .relu = relu,
    .relu_gradient = relu_gradient,
    .relu6 = relu6,
    .relu6_gradient = relu6_gradient,
    .add = add,
    .sum = sum,
    .multiply = multiply,
    .sum_of_squares = sum_of_squares,
    .sum_rows = sum_rows,
    .sum_rows_product = sum_rows_product,
    .scale_rows = scale_rows,
    .combine_rows = combine_rows,
    .bytes_to_floats = bytes_to_floats,
    .bytes_to_values = bytes_to_values,
    .values_to_bytes = values_to_bytes,
    .sum_bytes = sum_bytes,
    .sgd = sgd,
    .adam = adam,
    .peak = peak,
};

#endif
