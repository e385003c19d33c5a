#!/bin/sh
# test_predict.sh: numeral predict says exactly what it should.
. "$SOURCE_DIR/tests/cli/lib.sh"
tab=$(printf '\t')

needs_builtin
draw_one one.pgm
draw_blank blank.pgm
pgm light.pgm 90 90 5 240 42 15 50 75 # light on dark

run "$NUMERAL" predict one.pgm
expect_status 0
sed -n 1p "$work/out" | grep -qx 'Predicted digit : 1' || fail "first line"
sed -n 2p "$work/out" | grep -Eqx 'Confidence      : [01]\.[0-9]{4}' || fail "second line"
[ "$(wc -l <"$work/out")" -eq 2 ] || fail "two lines"
[ ! -s "$work/err" ] || fail "nothing on stderr"

run "$NUMERAL" predict light.pgm
expect_in "$work/out" 'Predicted digit : 1'

# in bytes it is the same digit, or the message says that it cannot be had
run "$NUMERAL" predict one.pgm --precision int8
[ "$status" -ne 0 ] || expect_in "$work/out" 'Predicted digit : 1'
[ "$status" -eq 0 ] || expect_failure 1 "this processor has no products"
NUMERAL_CPU_MASK=63 run "$NUMERAL" predict one.pgm --precision int8
expect_failure 1 "this processor has no products of bytes"

# no digit: status 3
run "$NUMERAL" predict blank.pgm
expect_status 3
expect_out 'Predicted digit : none (blank)
Confidence      : 0.0000'
run "$NUMERAL" predict blank.pgm --json
expect_status 3
expect_out '{"file":"blank.pgm","digit":null,"reason":"blank","confidence":0.0,"probabilities":[0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0]}'

# several
run "$NUMERAL" predict one.pgm blank.pgm light.pgm
expect_status 0
sed -n 1p "$work/out" | grep -Eqx "one.pgm${tab}1${tab}[01]\\.[0-9]{4}" || fail "line of one"
sed -n 2p "$work/out" | grep -qx "blank.pgm${tab}none${tab}0.0000" || fail "line of blank"
[ "$(wc -l <"$work/out")" -eq 3 ] || fail "three lines"
cp "$work/out" "$work/several"
printf 'one.pgm\nblank.pgm\n\nlight.pgm\n' >"$work/list"
"$NUMERAL" predict - <"$work/list" >"$work/out" || fail "paths on stdin"
expect_same "$work/out" "$work/several"

run "$NUMERAL" predict one.pgm light.pgm --json
"$json_get" . <"$work/out" || fail "JSON lines"
sed -n 2p "$work/out" >"$work/second"
expect_json "$work/second" file light.pgm
expect_json "$work/second" digit 1
json "$work/second" probabilities.9 >/dev/null

# a folder: its pictures by name, other files left out
mkdir folder
cp one.pgm folder/b.PGM
cp light.pgm folder/a.pgm
echo text >folder/readme.txt
run "$NUMERAL" predict folder
expect_status 0
[ "$(cut -f 1 "$work/out" | tr '\n' ' ')" = "folder/a.pgm folder/b.PGM " ] || fail "folder"
mkdir empty
run "$NUMERAL" predict empty
expect_failure 1 "no image files"

# what cannot be read does not stop the rest
run "$NUMERAL" predict missing.png one.pgm
expect_status 1
expect_err missing.png
expect_in "$work/out" "one.pgm${tab}1${tab}"

# images of a data set
run "$NUMERAL" predict synth:test:3
expect_status 0
expect_in "$work/out" 'Predicted digit : '
run "$NUMERAL" predict synth:test:random --seed 5 --json
cp "$work/out" "$work/first"
run "$NUMERAL" predict synth:test:random --seed 5 --json
expect_same "$work/out" "$work/first"

# the picture in the terminal: 14 lines of 28 before the answer
run "$NUMERAL" predict one.pgm --show
expect_status 0
[ "$(wc -l <"$work/out")" -eq 16 ] || fail "14 + 2 lines"
expect_in "$work/out" '█'
run "$NUMERAL" predict one.pgm --show --json
"$json_get" digit <"$work/out" >/dev/null || fail "--show must not break --json"
# of several, side by side: two at 80 columns, each over what was said of it;
# the lines for programs are the same as without
run "$NUMERAL" predict one.pgm light.pgm blank.pgm
cp "$work/out" "$work/lines"
run "$NUMERAL" predict one.pgm light.pgm blank.pgm --show
expect_status 0
[ "$(wc -l <"$work/out")" -eq 33 ] || fail "15 + 2 and 15 + 1 lines"
sed -n 15p "$work/out" | grep -Eqx '1  [0-9.]+% +1  [0-9.]+%' || fail "labels"
[ "$(sed -n 32p "$work/out")" = blank ] || fail "blank says so"
grep "$tab" "$work/out" >"$work/found"
expect_same "$work/found" "$work/lines"
run "$NUMERAL" predict one.pgm light.pgm --show --json
"$json_get" . <"$work/out" || fail "JSON lines beside pictures"
[ "$(wc -l <"$work/err")" -eq 15 ] || fail "with --json the pictures are on stderr"

# a sheet of what the network saw
run "$NUMERAL" predict one.pgm light.pgm blank.pgm -o sheet.png
expect_status 0
expect_same "$work/out" "$work/lines"
expect_err "sheet.png: 3 images"
expect_file sheet.png
run "$NUMERAL" predict blank.pgm -o blank.png --quiet
expect_status 3
[ ! -s "$work/err" ] || fail "--quiet says nothing"
expect_file blank.png
run "$NUMERAL" predict missing.pgm -o none.png
expect_failure 1 missing.pgm
expect_no_file none.png
run "$NUMERAL" predict one.pgm -o /nowhere/a.png
expect_failure 1 /nowhere/a.png

# "." stays the decimal point
LC_ALL=de_DE.UTF-8 run "$NUMERAL" predict one.pgm
grep -Eqx 'Confidence      : [01]\.[0-9]{4}' "$work/out" || fail "decimal point"

# models
"$NUMERAL" train --no-report --quiet --net "flatten, dense 10" --data synth:500 --epochs 1 \
  --run other >/dev/null || fail "another model"
confidence() { "$NUMERAL" predict "$@" synth:test:3 --json | "$json_get" confidence; }
alone=$(confidence -m other/model.safetensors)
[ "$(confidence -m other/model.safetensors --model builtin)" != "$alone" ] ||
  fail "the second model says nothing"
[ "$(confidence -m other/model.safetensors --shifts 8)" != "$alone" ] || fail "shifts change nothing"
run "$NUMERAL" predict --model missing.safetensors one.pgm
expect_failure 1 missing.safetensors
run "$NUMERAL" predict --model one.pgm one.pgm
expect_failure 1 one.pgm
