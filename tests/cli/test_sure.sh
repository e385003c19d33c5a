#!/bin/sh
# test_sure.sh: how sure the program is: refused pictures, several digits, the
# normaliser's steps, calibrated models, spoilt images.
. "$SOURCE_DIR/tests/cli/lib.sh"

draw_one one.pgm
# two strokes side by side: 11
awk 'BEGIN { print "P2"; print 100, 80; print 255
  for (y = 0; y < 80; y++) for (x = 0; x < 100; x++)
    print (y > 14 && y < 65 && ((x > 26 && x < 34) || (x > 62 && x < 70))) ? 10 : 255
}' >eleven.pgm
# nothing that anybody writes: a filled square
pgm square.pgm 80 80 255 10 20 20 60 60

"$NUMERAL" train --no-report --quiet --net mlp --data synth:1200 --val-split 0.25 --epochs 3 \
  --guard --run run -o sure.safetensors >"$work/out" || fail "train --guard"
"$NUMERAL" train --no-report --quiet --net mlp --data synth:1200 --val-split 0.25 --epochs 3 \
  --run plain -o plain.safetensors >"$work/out" || fail "train"
run "$NUMERAL" models show sure.safetensors --json
json "$work/out" metadata.guard >/dev/null
run "$NUMERAL" train --no-report --net mlp --data synth:500 --val-split 0 --guard
expect_failure 2 "--val-split"

# refused, and not
run "$NUMERAL" predict --model sure.safetensors square.pgm
expect_status 3
expect_out 'Predicted digit : none (unsure)
Confidence      : 0.0000'
run "$NUMERAL" predict --model sure.safetensors square.pgm --json
expect_status 3
expect_json "$work/out" reason unsure
json "$work/out" score | grep -q '^-' || fail "score below 0"
json "$work/out" probabilities.9 >/dev/null
run "$NUMERAL" predict --model sure.safetensors square.pgm --accept-all
expect_status 0
expect_in "$work/out" 'Predicted digit : '
run "$NUMERAL" predict --model plain.safetensors square.pgm
expect_status 0
run "$NUMERAL" explain --model sure.safetensors square.pgm --json
expect_status 0
expect_json "$work/out" reason unsure
expect_err "none (unsure)"

# several
run "$NUMERAL" predict --model plain.safetensors eleven.pgm
expect_status 3
expect_in "$work/out" 'none (several)'
expect_err "eleven.pgm: there are 2 digits side by side"
run "$NUMERAL" predict --model plain.safetensors eleven.pgm --json --quiet
expect_json "$work/out" reason several
expect_json "$work/out" digits 2
run "$NUMERAL" predict --model plain.safetensors eleven.pgm --accept-all
expect_status 0
run "$NUMERAL" explain --model plain.safetensors eleven.pgm --neighbours 0
expect_err "none (several)"

# the steps
run "$NUMERAL" predict --model plain.safetensors one.pgm --debug steps/of/one
expect_status 0
for step in 1-plain 2-ink 3-parts 4-digit 5-image; do expect_file "steps/of/one/one-$step.png"; done
run "$NUMERAL" predict --model plain.safetensors one.pgm --debug one.pgm/x
expect_failure 1 "one.pgm"

# a finished model, calibrated later
run "$NUMERAL" models calibrate plain.safetensors --data synth:1200 --val-split 0.25 -o later.safetensors --quiet
expect_status 0
expect_in "$work/out" 'Temperature:'
expect_in "$work/out" 'Refused    : 1 of them'
run "$NUMERAL" models calibrate plain.safetensors --data synth:1200 --no-guard -o warm.safetensors --json
expect_status 0
json "$work/out" temperature >/dev/null
run "$NUMERAL" predict --model warm.safetensors square.pgm
expect_status 0
run "$NUMERAL" models calibrate plain.safetensors --data synth:1200
expect_failure 2 "-o FILE"
run "$NUMERAL" models calibrate plain.safetensors --data synth:1000 -o none.safetensors
expect_failure 1 "250"
expect_no_file none.safetensors

# measured
run "$NUMERAL" eval sure.safetensors --data synth:600 --corrupt --json
expect_status 0
json "$work/out" refused >/dev/null
json "$work/out" accuracy_at_99 >/dev/null
json "$work/out" corrupted.occlusion.2 >/dev/null
json "$work/out" corrupted.mean >/dev/null
run "$NUMERAL" eval plain.safetensors --data synth:600 --corrupt
expect_in "$work/out" 'stripes'
expect_in "$work/out" 'Surest 99%'
expect_not_in "$work/out" 'Refused'
