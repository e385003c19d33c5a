#!/bin/sh
# test_usage.sh: the command line itself: help, version, wrong usage.
. "$SOURCE_DIR/tests/cli/lib.sh"

run "$NUMERAL" --version
expect_status 0
grep -Eq '^numeral [0-9]+\.[0-9]+\.[0-9]+ \([a-z0-9]+\)$' "$work/out" || fail "version"

run "$NUMERAL" --help
expect_status 0
for command in train eval predict explain report compare draw data models bench; do
  expect_in "$work/out" "  $command "
done
for command in train eval predict explain report compare draw bench "models list" \
  "models show" "data list" \
  "data fetch" "data info" "data show"; do
  # shellcheck disable=SC2086 # two words
  run "$NUMERAL" $command --help
  expect_status 0
  expect_in "$work/out" "Usage: numeral $command"
  expect_in "$work/out" "Examples:"
  for option in --threads --seed --json --quiet --help; do
    expect_in "$work/out" "$option"
  done
  awk 'length > 79 { exit 1 }' "$work/out" || fail "a line of help is too wide"
done

run "$NUMERAL"
expect_failure 2 "expected a command"
run "$NUMERAL" trian
expect_failure 2 'did you mean "numeral train"?'
run "$NUMERAL" zzzzzzz
expect_failure 2 '"numeral --help" lists what does'
run "$NUMERAL" models shwo
expect_failure 2 'did you mean "numeral models show"?'

run "$NUMERAL" train --epochs x
expect_failure 2 'numeral: train: --epochs: expected a whole number from 1 to 100000, found "x"'
run "$NUMERAL" train --epochs 0
expect_failure 2 'found "0"'
run "$NUMERAL" train --lr nan
expect_failure 2 '--lr: expected a number from'
run "$NUMERAL" train --optimizer adan
expect_failure 2 'expected one of sgd, adam, adamw, found "adan"'
run "$NUMERAL" train --epoch2 3
expect_failure 2 'did you mean --epochs?'
run "$NUMERAL" train --epochs
expect_failure 2 '--epochs: expected a whole number'
run "$NUMERAL" train --json=yes
expect_failure 2 '--json: takes no value'
run "$NUMERAL" train something
expect_failure 2 '"something" is one argument too many'
run "$NUMERAL" train --net "conv 5"
expect_failure 2 '--net:'
run "$NUMERAL" train --net "dense 10, dense 10 oops"
expect_failure 2 'oops'
run "$NUMERAL" train --val-split 0 --patience 2
expect_failure 2 '--patience: needs a validation set'
run "$NUMERAL" eval --images only.idx
expect_failure 2 '--images and --labels go together'
run "$NUMERAL" predict
expect_failure 2 'expected IMAGE...'
run "$NUMERAL" models show
expect_failure 2 'expected MODEL'
run "$NUMERAL" eval --threads -1
expect_failure 2 '--threads: expected a whole number from 0 to 1024'
[ -z "$(ls)" ] || fail "wrong usage left something behind"

# results that cannot be written are a failure
if [ -c /dev/full ]; then
  "$NUMERAL" models list >/dev/full 2>"$work/err"
  status=$?
  last_run="models list >/dev/full"
  expect_failure 1 "standard output"
fi
