#!/bin/sh
# test_report.sh: numeral report, and the one that train writes at its end.
. "$SOURCE_DIR/tests/cli/lib.sh"
net="conv 4 3x3 relu, maxpool 2, flatten, dense 10"
pictures="confusion predictions misclassified filters samples"
charts="training classes reliability map"
has_gnuplot=$(command -v gnuplot || true)

# ---- train writes one at its end, and its own output stays what it was
run "$NUMERAL" train --net "$net" --data synth:800 --epochs 3 --val-split 0.1 --run run
expect_status 0
expect_err "Report: run/report.html"
expect_not_in "$work/out" report
for name in report.html confusion.png; do expect_file "run/$name"; done
run "$NUMERAL" train --net "$net" --data synth:100 --epochs 1 --run bare --no-report
expect_status 0
expect_no_file bare/report.html
expect_not_in "$work/err" Report
run "$NUMERAL" train --net "$net" --data synth:100 --epochs 1 --run quiet --quiet --json
expect_file quiet/report.html
expect_json "$work/out" model quiet/model.safetensors
[ -z "$has_gnuplot" ] || [ ! -s "$work/err" ] || fail "--quiet"
# a report that fails takes nothing from the training
mkdir -p blocked/report.html/x
run "$NUMERAL" train --net "$net" --data synth:100 --epochs 1 --run blocked
expect_status 0
expect_err "warning: there is no report: blocked/report.html"
expect_file blocked/model.safetensors

# ---- one run
expect_pictures() { # folder, names...: they are pictures
  folder=$1
  shift
  for name in "$@"; do
    expect_file "$folder/$name.png"
    "$NUMERAL" predict --model run/model.safetensors "$folder/$name.png" \
      >"$work/out2" 2>&1
    [ $? -ne 1 ] || fail "$folder/$name.png is no picture"
  done
}
run "$NUMERAL" report run -o out --json
expect_status 0
expect_json "$work/out" report out/report.html
# shellcheck disable=SC2086 # words
expect_pictures out $pictures
# shellcheck disable=SC2086
[ -z "$has_gnuplot" ] || expect_pictures out $charts
if [ -n "$has_gnuplot" ]; then
  [ "$(json "$work/out" pictures | tr ',' '\n' | grep -c png)" -eq 9 ] || fail "nine pictures"
  expect_json "$work/out" missing null
fi
if grep -Eq '(src|href|srcset)="(http|//|file)|<script' out/report.html; then
  fail "the page needs something else"
fi
expect_in out/report.html "none: the recipe trains on the images as they are"
[ "$(wc -c <out/report.html)" -lt 2300000 ] || fail "the page is too large"
"$NUMERAL" train --net "$net" --data synth:100+synth:50 --epochs 1 --augment strong --run changed \
  >/dev/null 2>&1
for name in augmented samples; do expect_file "changed/$name.png"; done
expect_in changed/report.html "rotate 15, shift 2, scale 0.15"
expect_not_in changed/report.html "trains on the images as they are"
expect_not_in changed/report.html "has changed since"
# the same figures as eval's, and the same bytes every time
"$NUMERAL" eval run/model.safetensors --data synth:800 --json >"$work/eval" || fail "eval"
expect_json "$work/out" runs.0.accuracy "$(json "$work/eval" accuracy)"
expect_in out/report.html "data-figure=\"loss\" data-value=\"$(printf %.6f "$(json "$work/eval" loss)")\""
run "$NUMERAL" report run/ --out again --threads 1
expect_status 0
expect_in "$work/out" "Report     : again/report.html"
for name in $pictures; do expect_same "out/$name.png" "again/$name.png"; done
run "$NUMERAL" report run
expect_status 0
cd run || fail "cd"
run "$NUMERAL" report .
expect_status 0
expect_in report.html "<h1>run</h1>"
cd ..

# ---- several
if [ -n "$has_gnuplot" ]; then
  run "$NUMERAL" report run bare --json
  expect_status 0
  page=$(json "$work/out" report)
  case $page in runs/report-2*/report.html) ;; *) fail "page $page" ;; esac
  expect_pictures "${page%/report.html}" training accuracy
  for text in ">run</th>" ">bare</th>" "synth:800" "95% interval"; do expect_in "$page" "$text"; done
fi
run "$NUMERAL" report run run run run run run run run run
expect_failure 2 "one argument too many"

# ---- without gnuplot: the rest, and which package is missing
mkdir empty
run env PATH="$work/here/empty" "$NUMERAL" report run -o nognuplot --json
expect_status 0
expect_err "gnuplot-nox"
# shellcheck disable=SC2086
expect_pictures nognuplot $pictures
for name in $charts; do expect_no_file "nognuplot/$name.png"; done
expect_in nognuplot/report.html gnuplot-nox
case $(json "$work/out" missing) in *gnuplot-nox*) ;; *) fail "missing" ;; esac
run env PATH="$work/here/empty" "$NUMERAL" report run bare -o nognuplot2
expect_status 0
expect_err "gnuplot-nox"
expect_file nognuplot2/report.html
run env PATH="$work/here/empty" "$NUMERAL" train --net "$net" --data synth:100 --epochs 1 --run r3
expect_status 0
expect_err "gnuplot-nox"
# ... or with one that does not work
printf '#!/bin/sh\necho "line 1: broken" >&2\nexit 1\n' >empty/gnuplot
chmod +x empty/gnuplot
run env PATH="$work/here/empty:$PATH" "$NUMERAL" report run -o broken
expect_status 0
expect_err "gnuplot failed: line 1: broken"
expect_file broken/confusion.png

# a dead process may stay listed where nobody waits for it
is_running() {
  kill -0 "$1" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

# ---- Ctrl-C in the middle: neither a child nor a half file stays
printf '#!/bin/sh\necho $$ >"%s/pid"\nexec sleep 600\n' "$work" >empty/gnuplot
for signal in INT TERM; do
  rm -f "$work/pid"
  # a command in the background ignores INT, unless something sets it anew
  env --default-signal=INT PATH="$work/here/empty:$PATH" "$NUMERAL" report run -o stopped \
    >"$work/out" 2>"$work/err" &
  pid=$!
  waited=0
  until [ -s "$work/pid" ] || [ "$waited" -gt 600 ]; do
    waited=$((waited + 1))
    sleep 0.05
  done
  kill -s $signal "$pid"
  wait "$pid" && fail "$signal does not stop it"
  waited=0
  while is_running "$(cat "$work/pid")"; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || fail "gnuplot is left behind"
    sleep 0.05
  done
  [ -z "$(ls stopped)" ] || fail "files are left behind"
done

# ---- runs that are not as they should be
run "$NUMERAL" report no-such-run
expect_failure 1 no-such-run
mkdir hollow
run "$NUMERAL" report hollow
expect_failure 1 hollow/run.json
run "$NUMERAL" report run hollow
expect_failure 1 hollow/run.json
run "$NUMERAL" report
expect_failure 2 "expected RUN..."
echo file >plain
run "$NUMERAL" report run -o plain
expect_failure 1 plain

"$NUMERAL" train --net "$net" --data synth:800 --epochs 100000 --run begun >"$work/out" 2>"$work/err" &
pid=$!
waited=0
until grep -q '^epoch 2' "$work/err" || [ "$waited" -gt 600 ]; do
  waited=$((waited + 1))
  sleep 0.05
done
kill -s TERM "$pid"
wait "$pid"
run "$NUMERAL" report begun
expect_status 0
expect_err "not finished"
expect_in begun/report.html "not finished"
expect_in begun/report.html "The network"
[ -z "$has_gnuplot" ] || expect_pictures begun training
expect_no_file begun/confusion.png

cp -r run torn
sed '2s/.*/{"epoch": 7}/' run/log.jsonl >torn/log.jsonl
head -c 1000 run/model.safetensors >torn/model.safetensors
rm torn/*.png torn/report.html
run "$NUMERAL" report torn
expect_status 0
expect_err "line 2"
expect_err "model.safetensors"
expect_no_file torn/confusion.png
expect_file torn/report.html

cp -r run changed
sed 's/"checksum": "[^"]*"/"checksum": "0000000000000000"/' run/run.json >changed/run.json
run "$NUMERAL" report changed
expect_status 0
expect_err "has changed since the training"
expect_in changed/report.html "has changed since the training"

cp -r run lost
sed 's/"data": "synth:800"/"data": "mnist"/' run/run.json >lost/run.json
rm lost/*.png
run env -u NUMERAL_DATA_DIR NUMERAL_MIRRORS=http://127.0.0.1:9 "$NUMERAL" report lost
expect_status 0
expect_err "There are no figures of the test images"
expect_file lost/filters.png
expect_no_file lost/confusion.png

# ---- nothing of a name or of a network's text is obeyed
evil="<img src=x onerror=alert(1)>';!touch pwned #\`touch pwned\`"
cp -r run "$evil"
cp -r run evil2
sed "s/\"net\": \"[^\"]*\"/\"net\": \"<script>alert(1)<\\/script>'; !touch pwned\"/
  s/\"cpu\": \"[^\"]*\"/\"cpu\": \"<script>alert(2)<\\/script>\"/" run/run.json >evil2/run.json
run "$NUMERAL" report "$evil"
expect_status 0
expect_not_in "$evil/report.html" "<img src=x"
run "$NUMERAL" report evil2
expect_status 0
expect_not_in evil2/report.html "<script"
expect_in evil2/report.html "&lt;script&gt;alert(2)"
run "$NUMERAL" report "$evil" evil2 -o evil3
expect_status 0
expect_not_in evil3/report.html "<script"
expect_not_in evil3/report.html "<img src=x"
[ -z "$has_gnuplot" ] || expect_pictures evil3 training accuracy
expect_no_file pwned
expect_no_file "$evil/pwned"
