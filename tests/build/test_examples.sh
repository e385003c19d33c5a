#!/bin/sh
# The programs of examples/ are under 60 lines each, and do what they say.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
examples="$BUILD_DIR/examples"
failed=0

for source in "$SOURCE_DIR"/examples/*.c; do
  lines=$(wc -l <"$source")
  [ "$lines" -lt 60 ] || {
    echo "$source has $lines lines; an example has under 60"
    failed=1
  }
done

expect() { # what it should say (a pattern), exit code, command...
  pattern=$1 code=$2
  shift 2
  got=0
  "$@" >"$scratch/said" 2>&1 || got=$?
  if [ "$got" -ne "$code" ] || ! grep -q "$pattern" "$scratch/said"; then
    echo "$*: expected exit code $code and '$pattern', got $got and:"
    cat "$scratch/said"
    failed=1
  fi
}

# a digit one: a thick black bar on white, 40 x 60
{
  printf 'P5 40 60 255\n'
  awk 'BEGIN {
    for (y = 0; y < 60; y++) for (x = 0; x < 40; x++)
      printf "%c", (y > 8 && y < 52 && x > 17 && x < 23) ? 32 : 126
  }'
} >"$scratch/one.pgm"

expect '% of 1000 digits are right' 0 "$examples/train_digits" "$scratch/model.safetensors"
expect '^[0-9] ' 0 "$examples/predict_digit" "$scratch/one.pgm" "$scratch/model.safetensors"
expect 'usage' 2 "$examples/predict_digit" "$scratch/model.safetensors"
if [ -f "$SOURCE_DIR/models/default.safetensors" ]; then
  expect '^1 ' 0 "$examples/predict_digit" "$scratch/one.pgm"
  expect '^200 requests answered by 4 threads' 0 "$examples/server_thread"
else
  expect 'no built-in model' 1 "$examples/server_thread"
fi
exit $failed
