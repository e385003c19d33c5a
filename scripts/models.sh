#!/bin/bash
# models.sh: trains the models of models/ again, where they lie: those that are
# named, `default`, `best` and `cnn`, or the first; up to half an hour each on 2
# cores. On a processor with the same instruction set (AVX-512; for the first two
# bf16 too) they come out byte for byte as they are.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/build:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The built-in model: MNIST and as many drawn digits; then mostly MNIST, with a
# smaller step, less clutter and more noise; then its guard and its temperature.
make_default() {
  numeral train --net robust --data mnist+synth:60000 --no-report \
    --run "$work/first"
  numeral train --net robust --init "$work/first/model.safetensors" \
    --data mnist+synth:15000 --epochs 6 --lr 0.0015 --clutter 0.15 --noise 0.3 --no-report \
    --run "$work/second"
  numeral models calibrate "$work/second/model.safetensors" --epochs 24 \
    --refused 0.0033 -o models/default.safetensors
  { # the second run's epochs are numbered on
    cat "$work/first/log.jsonl"
    awk -F '[:,]' '{ sub(/"epoch":[0-9]+/, "\"epoch\":" $2 + 24); print }' \
      "$work/second/log.jsonl"
  } >models/default.log.jsonl
}

make_best() {
  numeral train --net best --no-report --run "$work/best" \
    -o models/best.safetensors
  cp "$work/best/log.jsonl" models/best.log.jsonl
}

make_cnn() {
  numeral train --net cnn --precision fp32 --no-report --run "$work/cnn" \
    -o models/cnn.safetensors
  cp "$work/cnn/log.jsonl" models/cnn.log.jsonl
}

for model in "${@:-default}"; do
  "make_$model"
  numeral eval "models/$model.safetensors" --json | sed "s|models/default.safetensors|built-in|" \
    >"models/$model.eval.json"
done
