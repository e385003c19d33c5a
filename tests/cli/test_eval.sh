#!/bin/sh
# test_eval.sh: numeral eval, its figures and its JSON.
. "$SOURCE_DIR/tests/cli/lib.sh"

"$NUMERAL" train --no-report --quiet --net mlp --data synth:2000 --epochs 2 --run run \
  -o mlp.safetensors >/dev/null || fail "a model to measure"

run "$NUMERAL" eval mlp.safetensors --data synth:500
expect_status 0
for text in "Accuracy   : " "95% interval" "Loss       : " "images/s" "Precision" \
  "True digit down, answer across"; do
  expect_in "$work/out" "$text"
done

run "$NUMERAL" eval mlp.safetensors --data synth:500 --json
expect_status 0
json "$work/out" . >/dev/null
count=$(json "$work/out" count)
correct=$(json "$work/out" correct)
# the confusion matrix adds up to the count, its diagonal to the right ones
json "$work/out" confusion | tr -d '[' | tr ']' '\n' | sed 's/^,//' |
  awk -F, -v count="$count" -v correct="$correct" '
    NF == 10 { for (i = 1; i <= 10; i++) all += $i; right += $(++row) }
    END { exit !(row == 10 && all == count && right == correct) }' || fail "confusion"
awk -v a="$(json "$work/out" accuracy)" -v low="$(json "$work/out" accuracy_low)" \
  -v high="$(json "$work/out" accuracy_high)" -v n="$count" -v k="$correct" 'BEGIN {
    d = a - k / n; exit !(d < 1e-6 && d > -1e-6 && low < a && a < high) }' || fail "accuracy"
for key in loss seconds images_per_second threads classes.9.precision classes.0.recall \
  classes.5.f1 classes.5.count; do
  json "$work/out" "$key" >/dev/null
done

# several models are one answer, as is an image with its shifts
"$NUMERAL" train --no-report --quiet --net "flatten, dense 10" --data synth:500 --epochs 1 \
  --run other >/dev/null || fail "another model"
run "$NUMERAL" eval mlp.safetensors other/model.safetensors --data synth:500 --json
expect_status 0
expect_json "$work/out" models 2
expect_json "$work/out" spec null
expect_json "$work/out" model "mlp.safetensors + other/model.safetensors"
loss=$(json "$work/out" loss)
run "$NUMERAL" eval -m other/model.safetensors --model mlp.safetensors --data synth:500 --json
expect_json "$work/out" loss "$loss"
run "$NUMERAL" eval mlp.safetensors --data synth:500 --shifts 4 --json
expect_json "$work/out" shifts 4
[ "$(json "$work/out" loss)" != "$loss" ] || fail "shifts change nothing"
run "$NUMERAL" eval mlp.safetensors --shifts 5
expect_failure 2 "--shifts"
run "$NUMERAL" eval mlp.safetensors missing --data synth:500
expect_failure 1 "missing"
# shellcheck disable=SC2046 # words
run "$NUMERAL" eval $(yes mlp.safetensors | head -17) --data synth:500
expect_failure 2 "too many"

# threads change nothing but the speed
figures() { "$NUMERAL" eval mlp.safetensors --data synth:500 --json --threads "$1" |
  "$json_get" confusion; }
[ "$(figures 1)" = "$(figures 2)" ] || fail "threads change the result"

# narrow numbers, where the processor has them, find nearly the same digits
for precision in bf16 int8; do
  NUMERAL_CPU_MASK=63 run "$NUMERAL" eval mlp.safetensors --data synth:500 \
    --precision $precision
  expect_failure 1 "this processor has no products"
  run "$NUMERAL" eval mlp.safetensors --data synth:500 --precision $precision --json
  [ "$status" -eq 0 ] || {
    expect_failure 1 "this processor has no products"
    continue
  }
  expect_json "$work/out" precision $precision
  awk -v a="$(json "$work/out" correct)" -v b="$correct" -v n="$count" 'BEGIN {
    d = (a - b) / n; exit !(d < 0.01 && d > -0.01) }' || fail "$precision is not as good"
done
run "$NUMERAL" eval mlp.safetensors --data synth:500 --precision fp16
expect_failure 2 "auto, fp32, bf16, int8"

run "$NUMERAL" eval mlp.safetensors --data synth:500 --normalise
expect_status 0
run "$NUMERAL" eval missing.safetensors --data synth:100
expect_failure 1 missing.safetensors
run "$NUMERAL" eval mlp.safetensors --data missing-folder
expect_status 1
expect_err missing-folder
run "$NUMERAL" eval mlp.safetensors --images missing-images --labels missing-labels
expect_failure 1 missing-images
