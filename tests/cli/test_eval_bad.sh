#!/bin/sh
# test_eval_bad.sh: data that is not what it says, from the command line.
. "$SOURCE_DIR/tests/cli/lib.sh"
"$NUMERAL" train --no-report --quiet --net "flatten, dense 10" --data synth:200 --epochs 1 \
  --run run -o m.safetensors >/dev/null || fail "a model to measure"

refused() { # what the message must name
  run "$NUMERAL" eval m.safetensors --images images --labels labels
  expect_failure 1 "$1"
  [ ! -s "$work/out" ] || fail "no figures from bad data"
}
# %b understands the count's last byte as an escape
images_header() { printf '\000\000\010\003\000\000\000%b\000\000\000\034\000\000\000\034' "\\000$1"; }
labels_header() { printf '\000\000\010\001\000\000\000%b' "\\000$1"; }

# one image, one label: right
{ images_header 1; head -c 784 /dev/zero; } >images
{ labels_header 1; printf '\007'; } >labels
run "$NUMERAL" eval m.safetensors --images images --labels labels --json
expect_status 0
expect_json "$work/out" count 1

gzip -c images >images.gz
run "$NUMERAL" eval m.safetensors --images images.gz --labels labels --json
expect_json "$work/out" count 1
for length in 1 5 12 20 $(($(wc -c <images.gz) - 1)); do
  head -c "$length" images.gz >cut.gz
  run "$NUMERAL" eval m.safetensors --images cut.gz --labels labels
  expect_failure 1 cut.gz
done

{ labels_header 1; printf '\012'; } >labels # the label 10
refused labels
{ labels_header 2; printf '\001\002'; } >labels # of two images
refused 2
labels_header 1 >labels # the label is missing
refused labels
{ labels_header 1; printf '\007'; } >labels
for length in 0 1 4 15 16 799; do # each kind of prefix
  { images_header 1; head -c 784 /dev/zero; } | head -c "$length" >images
  refused images
done
printf '\000\000\010\003\377\377\377\377\000\000\000\034\000\000\000\034' >images
refused images # four billion of them
head -c 2000 /dev/urandom >images
refused images

awk 'BEGIN { printf "3"; for (i = 0; i < 784; i++) printf ",0"; print ""; print "4,1,2" }' >short.csv
run "$NUMERAL" eval m.safetensors --data short.csv
expect_failure 1 "line 2"
run "$NUMERAL" train --data short.csv --run new
expect_failure 1 "line 2"
expect_no_file new
