#!/bin/sh
# test_bench.sh: numeral bench reports; how fast is not tested.
. "$SOURCE_DIR/tests/cli/lib.sh"

run "$NUMERAL" bench --quick --json
expect_status 0
for key in peak_gflops bf16_peak_gflops kernels.0.kernel kernels.0.shape kernels.0.precision kernels.0.threads train_images_per_second \
  predict_microseconds_at_1 predict_images_per_second_at_256; do
  json "$work/out" "$key" >/dev/null
done
