#!/bin/sh
# test_images_bad.sh: pictures that are none, under each name, and extreme ones.
. "$SOURCE_DIR/tests/cli/lib.sh"

needs_builtin
for ending in png jpg jpeg tif tiff webp bmp gif pnm pbm pgm ppm; do
  : >"empty.$ending"
  head -c 3000 /dev/urandom >"random.$ending"
  for name in empty random missing; do
    run "$NUMERAL" predict "$name.$ending"
    expect_failure 1 "$name.$ending"
    [ ! -s "$work/out" ] || fail "no answer for $name.$ending"
  done
done

# each prefix of a real PNG: a message, never a crash
"$NUMERAL" data show synth -o real.png --count 1 >/dev/null 2>&1 || fail "data show"
run "$NUMERAL" predict real.png
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || fail "the whole PNG"
size=$(wc -c <real.png)
length=0
while [ "$length" -lt "$size" ]; do
  head -c "$length" real.png >cut.png
  run "$NUMERAL" predict cut.png
  expect_failure 1 cut.png
  length=$((length + 1 + size / 40))
done

# one pixel, all white, all black
printf 'P2 1 1 255 255\n' >pixel.pgm
run "$NUMERAL" predict pixel.pgm
expect_status 3
draw_blank white.pgm
run "$NUMERAL" predict white.pgm
expect_status 3
pgm black.pgm 40 40 0 0 0 0 0 0
run "$NUMERAL" predict black.pgm
expect_status 3

# a header that promises what is not there
printf 'P5 30000 30000 255\n' >huge.pgm
run "$NUMERAL" predict huge.pgm
expect_failure 1 huge.pgm
printf 'P5 40000 40000 255\n' >wide.pgm
run "$NUMERAL" predict wide.pgm
expect_failure 1 wide.pgm

# and one that holds all of its 900 million pixels
printf 'P4 30000 30000\n' >whole.pbm
truncate -s $((15 + 3750 * 30000)) whole.pbm
run "$NUMERAL" predict whole.pbm
expect_failure 1 whole.pbm
rm whole.pbm

mkdir -p folder.png
run "$NUMERAL" predict folder.png
expect_failure 1 "no image files"
printf 'P2 1 1 255 255\n' >unreadable.pgm
chmod 0 unreadable.pgm
if [ ! -r unreadable.pgm ]; then
  run "$NUMERAL" predict unreadable.pgm
  expect_failure 1 unreadable.pgm
fi
