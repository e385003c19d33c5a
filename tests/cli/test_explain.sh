#!/bin/sh
# test_explain.sh: numeral explain, in each of its forms, from outside.
. "$SOURCE_DIR/tests/cli/lib.sh"

# no data set of this machine is found, and no mirror is asked
unset NUMERAL_DATA_DIR
export NUMERAL_MIRRORS="http://127.0.0.1:1/"

needs_builtin
draw_one one.pgm
draw_blank blank.pgm
note="MNIST is not on this machine: numeral data fetch mnist, or --data synth"

png_size() { # file: "WIDTH HEIGHT"
  od -An -j16 -N8 -tu1 "$1" | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'
}

# ---- the terminal
run "$NUMERAL" explain one.pgm
expect_status 0
expect_err "$note"
[ "$(sed -n 1p "$work/out")" = 'Predicted digit : 1' ] || fail "first line"
sed -n 2p "$work/out" | grep -Eqx 'Confidence      : [01]\.[0-9]{4}' || fail "second line"
for text in "What speaks for it (Grad-CAM of layer 8)" "1, the answer" "the runner-up" \
  " 7  conv 64 3x3               8 x 8 x 64" "Ink from cold to hot"; do
  expect_in "$work/out" "$text"
done
[ "$(grep -c '%' "$work/out")" -eq 10 ] || fail "ten probabilities"
expect_not_in "$work/out" "Nearest"
run "$NUMERAL" explain one.pgm --quiet
[ ! -s "$work/err" ] || fail "--quiet says nothing"

# no line is wider than the terminal: half blocks have three bytes a letter
for columns in 120 80 60 46; do
  COLUMNS=$columns run "$NUMERAL" explain one.pgm --data synth:100
  expect_status 0
  expect_in "$work/out" "Nearest training digits in synth:train"
  wide=$(sed 's/\xe2\x96[\x80-\xbf]/#/g' "$work/out" | grep -v Nearest |
    awk -v most=$columns 'length($0) > most')
  [ -z "$wide" ] || fail "wider than $columns: $wide"
done

# ---- JSON: the same answer as predict, heat from 0 to 1, all layers
run "$NUMERAL" predict one.pgm --json
cp "$work/out" "$work/predicted"
run "$NUMERAL" explain one.pgm --json --data synth:200 --neighbours 3
expect_status 0
cp "$work/out" "$work/explained"
for value in file digit confidence probabilities; do
  expect_json "$work/explained" $value "$(json "$work/predicted" $value)"
done
other=$(json "$work/explained" runner_up)
[ "$other" -ne 1 ] || fail "the runner-up is another digit"
expect_json "$work/explained" method Grad-CAM
expect_json "$work/explained" heat_layer 8
expect_json "$work/explained" layers.7.text "conv 64 3x3"
expect_json "$work/explained" layers.8.channels 64
expect_json "$work/explained" layers.13.channels 10
for digit in 1 "$other"; do
  json "$work/explained" "heat.$digit" | tr -d '[]' | tr , '\n' >"$work/heat"
  awk '{ sum += $1; if ($1 > most) most = $1; if ($1 < 0) bad = 1 }
    END { exit !(NR == 784 && most == 1 && sum > 1 && sum < 700 && !bad) }' "$work/heat" ||
    fail "the heat of $digit"
done
# what speaks for a 1 is where its stroke is, not in the corners
corners=$(json "$work/explained" heat.1.0.0)$(json "$work/explained" heat.1.27.27)
echo "$corners" | grep -Eq '^0\.[0-2][0-9]*0\.[0-2][0-9]*$' || fail "heat in the corners: $corners"
expect_json "$work/explained" nearest.0.set synth:train
index=$(json "$work/explained" nearest.2.index)
run "$NUMERAL" data show "synth:train:$index" --json
expect_json "$work/out" images.0.label "$(json "$work/explained" nearest.2.label)"
"$json_get" nearest.3 <"$work/explained" >/dev/null && fail "three neighbours"
[ ! -s "$work/err" ] || fail "nothing on stderr"

# nothing is loaded where nobody is looked for
run "$NUMERAL" explain one.pgm --json --neighbours 0
expect_json "$work/out" nearest "[]"
[ ! -s "$work/err" ] || fail "no note where there is nothing to look for"

# digits of a data set, and another digit
run "$NUMERAL" explain synth:test:3 --json --digit 5 --neighbours 0
expect_json "$work/out" file synth:test:3
json "$work/out" heat.5.27.27 >/dev/null
run "$NUMERAL" explain synth:test:random --seed 5 --json --neighbours 0
cp "$work/out" "$work/first"
run "$NUMERAL" explain synth:test:random --seed 5 --json --neighbours 0
expect_same "$work/out" "$work/first"
run "$NUMERAL" explain synth:train:7 --json --data synth:50
[ "$(json "$work/out" nearest.0.index)" -ne 7 ] || fail "an image is not its own neighbour"

# ---- the poster
run "$NUMERAL" explain one.pgm -o why.png --data synth:100
expect_status 0
grep -Eqx 'why.png: why one.pgm is read as 1 \([0-9.]+%\)' "$work/out" || fail "what was written"
expect_file why.png
[ "$(png_size why.png | cut -d ' ' -f 1)" -eq 2240 ] || fail "the width of the poster"
run "$NUMERAL" explain one.pgm -o dark.png --dark --neighbours 0
expect_status 0
cmp -s why.png dark.png && fail "the dark poster is another one"
[ "$(png_size dark.png | cut -d ' ' -f 2)" -lt "$(png_size why.png | cut -d ' ' -f 2)" ] ||
  fail "without neighbours the poster is shorter"
# a name of bytes that are no text, and longer than the poster is wide
name=$(printf 'a\377b<i>%0150d.pgm' 7)
cp one.pgm "$name"
run "$NUMERAL" explain "$name" -o odd.png --neighbours 0
expect_status 0
expect_file odd.png

# ---- the page: pictures in light and dark, nothing from elsewhere
run "$NUMERAL" explain "$name" -o why.html --data synth:100
expect_status 0
expect_in why.html "Why a 1?"
expect_in why.html "(prefers-color-scheme: dark)"
expect_in why.html "&lt;i&gt;"
for word in "http:" "https:" "<script" "url(" "<i>"; do expect_not_in why.html "$word"; done
[ "$(grep -o 'data:image/png' why.html | wc -l)" -eq 52 ] ||
  fail "a light and a dark picture of 26 things"
[ "$(grep -o 'alt=""' why.html | wc -l)" -eq 0 ] || fail "a picture without words"

# ---- a network without convolution
run "$NUMERAL" train --data synth:300 --net mlp --epochs 1 --run "$work/mlp" --quiet
run "$NUMERAL" explain one.pgm --model "$work/mlp/model.safetensors" --json --data synth:100
expect_status 0
expect_json "$work/out" method "gradient times pixel"
expect_json "$work/out" heat_layer null
run "$NUMERAL" explain one.pgm --model "$work/mlp/model.safetensors" --neighbours 0
expect_in "$work/out" "(gradient times pixel: no convolution)"
run "$NUMERAL" explain one.pgm --model "$work/mlp/model.safetensors" -o mlp.html --neighbours 0
expect_in mlp.html "Gradient times pixel, since"
expect_not_in mlp.html "Grad-CAM:"

# ---- no ink
run "$NUMERAL" explain blank.pgm
expect_status 3
expect_out "Predicted digit : none (blank)"
expect_err "no ink in blank.pgm"
run "$NUMERAL" explain blank.pgm --json
expect_status 3
expect_out '{"file":"blank.pgm","digit":null,"reason":"blank"}'
run "$NUMERAL" explain blank.pgm -o blank.png
expect_status 3
expect_no_file blank.png

# ---- what goes wrong
for name in why.png why.html; do
  run "$NUMERAL" explain one.pgm --neighbours 0 -o /nowhere/$name
  expect_failure 1 /nowhere/$name
done
run "$NUMERAL" explain missing.png
expect_failure 1 missing.png
run "$NUMERAL" explain one.pgm --data nowhere
expect_failure 1 'no data set "nowhere"'
run "$NUMERAL" explain one.pgm --data mnist --json
[ "$status" -eq 1 ] || fail "mnist that was asked for and cannot be had"
run "$NUMERAL" explain one.pgm -o why.pdf
expect_failure 2 "ends in .png or .html"
run "$NUMERAL" explain .
expect_failure 2 "explain takes one"
run "$NUMERAL" explain -
expect_failure 2 "explain takes one"
run "$NUMERAL" explain one.pgm --digit 10
expect_failure 2 "--digit"
run "$NUMERAL" explain
expect_status 2
