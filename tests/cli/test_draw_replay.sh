#!/bin/sh
# test_draw_replay.sh: numeral draw where there is no window: strokes are read
# all the same, and what is missing is named.
. "$SOURCE_DIR/tests/cli/lib.sh"

needs_builtin
unset DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER NUMERAL_DATA_DIR
"$BUILD_DIR/write_strokes" file 0 >ten.txt

# ten digits, ten answers
run "$NUMERAL" draw --replay ten.txt --no-window
expect_status 0
[ "$(grep -c '^Predicted digit : [0-9]$' "$work/out")" -eq 10 ] || fail "ten answers"
[ "$(grep -Ec '^Confidence      : [01]\.[0-9]{4}$' "$work/out")" -eq 10 ] || fail "ten confidences"
right=$(sed -n 's/^Predicted digit : //p' "$work/out" | awk '$1 == NR - 1' | wc -l)
[ "$right" -ge 9 ] || fail "only $right of 10 digits are right"
grep -Eq '^[0-9]+ stroke points, each read in [0-9.]+ ms \(99 of 100 within [0-9.]+ ms, at most [0-9.]+ ms\)$' \
  "$work/err" || fail "the time of a point"
cp "$work/out" "$work/ten"

# without a screen the same, and the reason
run "$NUMERAL" draw --replay ten.txt
expect_status 0
expect_same "$work/out" "$work/ten"
expect_err "warning: there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set"
run "$NUMERAL" draw --replay ten.txt --quiet --no-window
[ ! -s "$work/err" ] || fail "--quiet: nothing on stderr"

# nothing to read and no screen: that is a failure
run "$NUMERAL" draw
expect_failure 1 "there is no screen"

# a record of a replay is the same file
run "$NUMERAL" draw --replay ten.txt --no-window --record again.txt
expect_same ten.txt again.txt
run "$NUMERAL" draw --replay again.txt --no-window --record again.txt
expect_same ten.txt again.txt

# without a line "predict" there is one answer, at the end
sed -n '/^clear/q; /^predict/!p' ten.txt >zero.txt
run "$NUMERAL" draw --replay zero.txt --no-window
expect_status 0
[ "$(wc -l <"$work/out")" -eq 2 ] || fail "one answer"
run "$NUMERAL" draw --replay zero.txt --no-window --json
expect_json "$work/out" file drawing
expect_json "$work/out" digit 0
json "$work/out" probabilities.9 >/dev/null

# no digit: status 3
printf 'numeral strokes 1\n' >blank.txt
run "$NUMERAL" draw --replay blank.txt --no-window
expect_status 3
expect_out 'Predicted digit : none (blank)
Confidence      : 0.0000'
run "$NUMERAL" draw --replay blank.txt --no-window --json
expect_json "$work/out" reason blank

# test images: drawn ones are always there, others are never downloaded
printf 'numeral strokes 1\ndigit synth:test:3 5\npredict 6\n' >digit.txt
run "$NUMERAL" draw --replay digit.txt --no-window --json
expect_json "$work/out" file synth:test:3
digit=$(json "$work/out" digit)
run "$NUMERAL" predict synth:test:3 --json
expect_json "$work/out" digit "$digit"
printf 'numeral strokes 1\ndigit mnist:test:3 5\n' >mnist.txt
run "$NUMERAL" draw --replay mnist.txt --no-window
expect_failure 1 "is not on this machine"

# bad files and folders
printf 'numeral strokes 1\nmove 0 0 - 5\n' >bad.txt
run "$NUMERAL" draw --replay bad.txt --no-window
expect_failure 1 "bad.txt, line 2: the pen is not down here"
run "$NUMERAL" draw --replay missing.txt --no-window
expect_failure 1 "missing.txt"
run "$NUMERAL" draw --replay ten.txt --no-window --record no/such/folder.txt
expect_failure 1 "no/such/folder.txt"
run "$NUMERAL" draw --no-window
expect_failure 2 "--no-window: needs the strokes of --replay"
run "$NUMERAL" draw --scale 9
expect_failure 2 "--scale"
if [ -c /dev/full ]; then
  run "$NUMERAL" draw --replay ten.txt --no-window --record /dev/full
  expect_status 1
  expect_err "/dev/full was not written whole"
fi

# without its module, or SDL2, the program says what to install
DISPLAY=:9876 # nobody has that
export DISPLAY
mkdir bin
cp "$NUMERAL" bin/numeral
run bin/numeral draw
expect_failure 1 "the window needs SDL2: install"
run bin/numeral draw --replay ten.txt
expect_status 0
expect_same "$work/out" "$work/ten"
expect_err "numeral-sdl2.so"
if [ -f "$BUILD_DIR/numeral-sdl2.so" ]; then
  cp "$BUILD_DIR/numeral-sdl2.so" bin
  mkdir broken
  echo "no library" >broken/libSDL2_ttf-2.0.so.0
  LD_LIBRARY_PATH=$PWD/broken run bin/numeral draw
  expect_failure 1 "install libsdl2-ttf-2.0-0"
  mv broken/libSDL2_ttf-2.0.so.0 broken/libSDL2-2.0.so.0
  LD_LIBRARY_PATH=$PWD/broken run bin/numeral draw
  expect_failure 1 "install libsdl2-2.0-0 ("
  run "$NUMERAL" draw
  expect_failure 1 "the window cannot be opened"
fi
