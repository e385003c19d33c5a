#!/bin/sh
# test_builtin.sh: what the built-in model promises, on real images.
. "$SOURCE_DIR/tests/cli/lib.sh"
data=${NUMERAL_DATA_DIR-}
[ -f "$data/mnist/t10k-images-idx3-ubyte.gz" ] || skip "no MNIST in NUMERAL_DATA_DIR"
"$NUMERAL" models show builtin >/dev/null 2>&1 || skip "no built-in model"

# expect_least PATH N, expect_most PATH N: of the last run's JSON
expect_least() {
  awk -v a="$(json "$work/out" "$1")" -v b="$2" 'BEGIN { exit !(a >= b) }' ||
    fail "$1 is less than $2"
}
expect_most() {
  awk -v a="$(json "$work/out" "$1")" -v b="$2" 'BEGIN { exit !(a <= b) }' ||
    fail "$1 is more than $2"
}

run "$NUMERAL" eval --data mnist --json
expect_status 0
expect_json "$work/out" count 10000
expect_least accuracy 0.996
expect_most calibration_error 0.003
expect_most refused 50

if [ -d "$data/canvas" ]; then
  run "$NUMERAL" eval --images "$data/canvas/canvas-images-idx3-ubyte.gz" \
    --labels "$data/canvas/canvas-labels-idx1-ubyte.gz" --normalise --json
  expect_status 0
  expect_least accuracy 0.997
  expect_most refused 10
fi
