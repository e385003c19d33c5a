#!/bin/sh
# test_models.sh: listing, showing, and model files that are damaged.
. "$SOURCE_DIR/tests/cli/lib.sh"

run "$NUMERAL" models
expect_status 0
for net in cnn cnn-64 cnn-100 lenet5 mlp fast robust best deep resnet mobilenet; do expect_in "$work/out" "$net "; done
expect_in "$work/out" "225,034"
expect_in "$work/out" "built-in model"
run "$NUMERAL" models --json
expect_json "$work/out" networks.0.name cnn
expect_json "$work/out" networks.0.parameters 225034
json "$work/out" builtin >/dev/null

run "$NUMERAL" models show mlp
expect_status 0
expect_in "$work/out" "101,770"
run "$NUMERAL" models show "conv 8 5x5 relu, maxpool 2, flatten, dense 10" --json
expect_json "$work/out" layers.0.height 24
expect_json "$work/out" layers.0.channels 8
expect_json "$work/out" layers.0.parameters 208
expect_json "$work/out" parameters 11738
run "$NUMERAL" models show "flatten, dense 7"
expect_failure 1 "10"
run "$NUMERAL" models show builtin
[ "$status" -eq 0 ] || expect_failure 1 "no built-in model"
run "$NUMERAL" models show missing.safetensors
expect_failure 1 missing.safetensors

"$NUMERAL" train --no-report --quiet --net "flatten, dense 10" --data synth:200 --epochs 1 \
  --run run -o good.safetensors >/dev/null || fail "a model to damage"
run "$NUMERAL" models show good.safetensors --json
expect_json "$work/out" metadata.seed 1
json "$work/out" metadata.recipe >/dev/null

# a guard: read whole or not at all
corpus=$SOURCE_DIR/tests/fuzz/corpus/model
run "$NUMERAL" models show "$corpus/guard" --json
expect_status 0
expect_json "$work/out" metadata.guard "maxpool 14, flatten, dense 10"
run "$NUMERAL" models show "$corpus/guard-no-judge"
expect_failure 1 '"judge" is missing'
run "$NUMERAL" models show "$corpus/guard-cold"
expect_failure 1 '"temperature" is not'
run "$NUMERAL" models show "$corpus/guard-unnamed"
expect_failure 1 "none of the network's"

size=$(wc -c <good.safetensors)
damaged() { # the file bad.safetensors must be refused by name
  run "$NUMERAL" models show bad.safetensors
  expect_failure 1 bad.safetensors
  run "$NUMERAL" eval bad.safetensors --data synth:100
  expect_failure 1 bad.safetensors
}
for length in 0 1 7 8 9 100 500 1000 $((size / 2)) $((size - 1)); do
  head -c "$length" good.safetensors >bad.safetensors
  damaged
done
{ cat good.safetensors; printf x; } >bad.safetensors # one byte too many
damaged
head -c "$size" /dev/urandom >bad.safetensors
damaged
sed 's/flatten, dense 10/flatten, dense 11/' good.safetensors >bad.safetensors
damaged
sed 's/"F32"/"F64"/' good.safetensors >bad.safetensors
damaged
# a NaN among the numbers: the last float
head -c $((size - 4)) good.safetensors >bad.safetensors
printf '\000\000\300\177' >>bad.safetensors
damaged
# a header of 2^63 bytes
{ printf '\377\377\377\377\377\377\377\177'; tail -c +9 good.safetensors; } >bad.safetensors
damaged
