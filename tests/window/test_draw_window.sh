#!/bin/sh
# test_draw_window.sh: numeral draw on a screen of its own, with the events of a real
# mouse and keyboard. What is drawn are the program's own models of digits.
. "$SOURCE_DIR/tests/cli/lib.sh"

needs_builtin
for tool in Xvfb xdotool xwd; do
  command -v "$tool" >/dev/null || skip "no $tool here (Debian: xvfb, xdotool, x11-apps)"
done
[ -f "$BUILD_DIR/numeral-sdl2.so" ] || skip "this build has no window (Debian: libsdl2-dev, libsdl2-ttf-dev)"
# no graphics card, and no imitation of one
export SDL_RENDER_DRIVER=software SDL_FRAMEBUFFER_ACCELERATION=0
unset NUMERAL_DATA_DIR WAYLAND_DISPLAY SDL_VIDEODRIVER # random digits are drawn ones
screen_pid='' draw_pid=''
cleanup() {
  for pid in $draw_pid $screen_pid; do
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
}

# the canvas of a window of 960 x 680: its place in the window
left=22 top=20 side=558

wait_until() { # seconds, command...
  tries=$(($1 * 20))
  shift
  while [ "$tries" -gt 0 ]; do
    "$@" && return 0
    sleep 0.05
    tries=$((tries - 1))
  done
  return 1
}

# -noreset: a screen that loses its last client would turn away the next one meanwhile
start_screen() {
  Xvfb -displayfd 3 -screen 0 1400x1100x24 -nolisten tcp -noreset \
    3>"$work/display" >/dev/null 2>"$work/xvfb" &
  screen_pid=$!
  wait_until 20 test -s "$work/display" || skip "Xvfb does not start: $(tail -n 1 "$work/xvfb")"
  DISPLAY=:$(cat "$work/display")
  export DISPLAY
}

# ---- the window ----

find_window() {
  kill -0 "$draw_pid" 2>/dev/null || fail "draw has ended"
  window=$(xdotool search --onlyvisible --name '^numeral draw$' 2>/dev/null | tail -n 1)
  [ -n "$window" ]
}

start_draw() { # option...
  last_run="draw $*" status=none
  "$NUMERAL" draw "$@" >"$work/out" 2>"$work/err" &
  draw_pid=$!
  wait_until 60 find_window || fail "there is no window"
  xdotool windowfocus "$window"
  eval "$(xdotool getwindowgeometry --shell "$window" | grep -E '^(X|Y|WIDTH|HEIGHT)=')"
}

end_draw() {
  key q
  wait "$draw_pid"
  status=$?
  draw_pid=''
  expect_status 0
}

look() { xwd -silent -id "$window" | cksum; }

# waits until nothing moves any more; $seen is what is there then
settle() {
  seen=$(look)
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sleep 0.15
    again=$(look)
    [ "$again" = "$seen" ] && return 0
    seen=$again
  done
  fail "the window never rests"
}

shows() { [ "$(look)" = "$1" ]; }
differs() { [ "$(look)" != "$1" ]; }

# expect_change WHAT COMMAND...: afterwards the window is another picture
expect_change() {
  what=$1 before=$seen
  shift
  "$@"
  wait_until 20 differs "$before" || fail "$what: nothing changed in the window"
  settle
}

key() { xdotool key "$@"; }

click() { # x and y in the window
  xdotool mousemove $((X + $1)) $((Y + $2)) mousedown 1 mouseup 1
}

draw_digit() { # digit
  "$BUILD_DIR/write_strokes" mouse "$1" 0 $((X + left)) $((Y + top)) "$side" | xdotool -
}

count_answers() { grep -c '^Confidence' "$work/out" || true; }
has_answers() { [ "$(count_answers)" -ge "$1" ]; }

# p, and the digit that is printed then, in $answer
ask() {
  wanted=$(($(count_answers) + 1))
  key p
  wait_until 20 has_answers "$wanted" || fail "p printed no answer"
  answer=$(sed -n 's/^Predicted digit : //p' "$work/out" | tail -n 1)
}

# ---- ten digits, each at the first try ----

start_screen
start_draw --record strokes.txt
settle
blank=$seen
ask
[ "$answer" = "none (blank)" ] || fail "an empty canvas is read as $answer"
settle

right=0
for digit in 0 1 2 3 4 5 6 7 8 9; do
  expect_change "drawing a $digit" draw_digit "$digit"
  ask
  settle
  echo "drawn $digit, read $answer"
  [ "$answer" = "$digit" ] && right=$((right + 1))
  expect_change "c" key c
done
echo "$right of 10 right"
[ "$right" -ge 9 ] || fail "only $right of 10 digits were read right"

# ---- undo: back to the same picture ----

draw_digit 7
settle
sleep 1 # the answer may come after the ink has come to rest
settle
seven=$seen
[ "$seven" != "$blank" ] || fail "nothing was drawn"
xdotool mousemove $((X + 60)) $((Y + 60)) mousedown 1 \
  mousemove $((X + 120)) $((Y + 90)) mousemove $((X + 160)) $((Y + 80)) mouseup 1
settle
key u
wait_until 20 shows "$seven" || fail "u does not bring back what was there"
seen=$seven
expect_change "e" key e
expect_change "a line over heat" xdotool mousemove $((X + 60)) $((Y + 60)) \
  mousedown 1 mousemove $((X + 90)) $((Y + 70)) mouseup 1
key u
settle
expect_change "e again" key e
[ "$seen" = "$seven" ] || fail "e twice is not what was there"

# ---- save ----

ask
expect_change "s" key s
wait_until 20 test -s drawing-1.png || fail "s saved nothing"
saved=$("$NUMERAL" predict drawing-1.png | sed -n 's/^Predicted digit : //p')
[ "$saved" = "$answer" ] || fail "drawing-1.png is read as $saved, the window said $answer"

# ---- sizes: the drawing stays ----

for size in "500 840" "480 360" "1380 1080" "320 320" "960 680"; do
  # shellcheck disable=SC2086 # two words
  expect_change "a window of $size" xdotool windowsize "$window" $size
  ask
  [ "$answer" = "$saved" ] || fail "in a window of $size it is $answer, not $saved"
  settle
done

# ---- the pen, a test image, buttons ----

expect_change "+" key plus
expect_change "-" key minus
expect_change "r" key r
ask
[ "$answer" != "none (blank)" ] || fail "r brought nothing"
settle
expect_change "r again" key r
expect_change "the button c" click 273 613
ask
[ "$answer" = "none (blank)" ] || fail "after the button c there is $answer"
settle
expect_change "u after c" key u
key c
settle

# ---- with keys alone: a 1 ----

expect_change "moving the pen" key shift+Up shift+Up shift+Up
expect_change "a line by keys" key space shift+Down shift+Down shift+Down \
  Down Down Down Down Down shift+Down shift+Down space
ask
[ "$answer" = 1 ] || fail "a line drawn by keys is read as $answer"

cp "$work/out" "$work/window"
end_draw
expect_err "stroke points, each read in"
sed -n '/stroke points/p' "$work/err"
cmp -s "$work/window" "$work/out" || fail "q printed something"

# ---- what was recorded is read the same without a window, and with one ----

run "$NUMERAL" draw --replay strokes.txt --no-window
expect_status 0
expect_same "$work/out" "$work/window"

"$BUILD_DIR/write_strokes" file 0 >ten.txt
run "$NUMERAL" draw --replay ten.txt --no-window
cp "$work/out" "$work/ten"
start_draw --replay ten.txt --dark
wait_until 60 has_answers 10 || fail "the replay stopped after $(count_answers)"
settle
expect_same "$work/out" "$work/ten"
key p # none: the last digit was cleared
end_draw

# ---- larger, and stopped from outside ----

start_draw --scale 2
settle
expect_change "a line" xdotool mousemove $((X + 100)) $((Y + 100)) mousedown 1 \
  mousemove $((X + 200)) $((Y + 200)) mousemove $((X + 200)) $((Y + 400)) mouseup 1
kill -TERM "$draw_pid"
wait "$draw_pid"
status=$?
draw_pid=''
expect_status 0
