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

# eval_idx NAME COUNT: images of no known label, as predict would read them
eval_idx() {
  high=$(printf '%o' $(($2 / 256)))
  low=$(printf '%o' $(($2 % 256)))
  {
    printf '\000\000\010\001\000\000'
    # shellcheck disable=SC2059
    printf "\\$high\\$low"
    head -c "$2" /dev/zero
  } >labels
  run "$NUMERAL" eval --images "$data/nondigits/$1-images-idx3-ubyte.gz" --labels labels \
    --normalise --json
  expect_status 0
  expect_json "$work/out" count "$2"
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

if [ -d "$data/nondigits" ]; then
  eval_idx fashion 2000
  expect_least refused 1940
  eval_idx omniglot 1000 # predict says of 43 more that they are several
  expect_least refused 807
fi
