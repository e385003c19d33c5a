#!/bin/sh
# test_compare.sh: numeral compare: its figures, what it writes, how it goes on.
. "$SOURCE_DIR/tests/cli/lib.sh"
tiny="flatten, dense 10"
has_gnuplot=$(command -v gnuplot || true)

# ---- figures are those of the seeds, and the seeds those of numeral train
run "$NUMERAL" compare mlp "$tiny" fast --data synth:600 --epochs 1 --seeds 3 --out a --json
expect_status 0
expect_err "1/9  mlp, seed 1"
expect_err "9/9  fast, seed 3"
expect_json "$work/out" folder a
for i in 0 1 2; do
  path="networks.$i"
  {
    for s in 0 1 2; do json "$work/out" "$path.trainings.$s.accuracy"; done
    json "$work/out" "$path.accuracy"
    json "$work/out" "$path.accuracy_deviation"
  } >"$work/figures"
  awk '
    NR <= 3 { x[NR] = $1; sum += $1 }
    NR == 4 { mean = $1 }
    NR == 5 { deviation = $1 }
    END {
      for (s = 1; s <= 3; s++) squares += (x[s] - sum / 3) ^ 2
      wrong = (mean - sum / 3) ^ 2 + (deviation - sqrt(squares / 2)) ^ 2
      exit !(NR == 5 && wrong < 1e-11)
    }' "$work/figures" || fail "mean and deviation of network $i: $(tr '\n' ' ' <"$work/figures")"
done
awk 'BEGIN { exit !(ARGV[1] > 0) }' "$(json "$work/out" networks.1.predict_microseconds)" ||
  fail "predictions take time"
expect_json "$work/out" networks.1.net "$tiny"
expect_json "$work/out" networks.1.parameters 7850
expect_json "$work/out" networks.1.trainings.2.seed 3
expect_json "$work/out" settings.epochs 1
expect_json "$work/out" data.test 100
cp "$work/out" "$work/whole"
# ... each with the split of its own recipe
for net in mlp fast; do
  index=0
  [ $net = mlp ] || index=2
  "$NUMERAL" train --net $net --data synth:600 --epochs 1 --no-report --run "train-$net" \
    --json >"$work/trained" 2>"$work/err" || fail "train"
  expect_json "$work/whole" networks.$index.trainings.0.accuracy "$(json "$work/trained" test.accuracy)"
  expect_json "$work/whole" networks.$index.trainings.0.val_accuracy \
    "$(json "$work/trained" val_accuracy)"
done

# ---- files
json a/compare.json networks.2.trainings.2.accuracy >/dev/null
expect_in a/compare.md "| Network | Accuracy | Parameters | MFLOP | Train s | Predict us |"
expect_in a/compare.md "| \`$tiny\` | "
if [ -n "$has_gnuplot" ]; then
  expect_json "$work/whole" picture compare.png
  expect_file a/compare.png
  head -c 4 a/compare.png | grep -q PNG || fail "a/compare.png is no picture"
fi

# ---- what is done is not done again: the same table and figures
run "$NUMERAL" compare --resume a
expect_status 0
expect_not_in "$work/err" "seed"
[ "$(wc -l <"$work/out")" -eq 4 ] || fail "a head and three rows"
awk '{ print length($0) }' "$work/out" | sort -u | wc -l | grep -qx 2 || # ± is two bytes
  fail "columns"
cp "$work/out" "$work/table"
cp a/compare.md "$work/markdown"
run "$NUMERAL" compare --resume a --seeds 3 --data synth:600 --quiet
expect_status 0
expect_same "$work/out" "$work/table"
expect_same a/compare.md "$work/markdown"
[ -z "$has_gnuplot" ] || [ ! -s "$work/err" ] || fail "--quiet"
run "$NUMERAL" compare --resume a --json --quiet
expect_same "$work/out" "$work/whole"

# ---- one seed has no deviation
run "$NUMERAL" compare "$tiny" --data synth:100 --seeds 1 --seed 7 --epochs 1 --augment light \
  --precision fp32 -q
expect_status 0
expect_not_in "$work/out" "±"
record=$(ls runs/compare-2*/compare.json) || fail "runs/compare-DATE-TIME"
expect_json "$record" networks.0.accuracy_deviation null
expect_json "$record" networks.0.trainings.0.seed 7
expect_json "$record" networks.0.recipe.precision fp32
expect_json "$record" networks.0.recipe.augment_shift 1.0

# ---- a network that diverges takes nothing from the others
run "$NUMERAL" compare "$tiny" mlp --data synth:100 --seeds 2 -e 1 -o two
expect_status 0
mkdir diverged
awk '/"trainings"/ { inside = 1 }
  inside && /"accuracy"/ && !done++ { print "\"accuracy\": null, \"trouble\": \"it diverged\","; next }
  { print }' two/compare.json >diverged/compare.json
run "$NUMERAL" compare --resume diverged --json
expect_status 0
expect_json "$work/out" networks.0.accuracy "$(json two/compare.json networks.0.trainings.1.accuracy)"
expect_json "$work/out" networks.0.accuracy_deviation null
expect_json "$work/out" networks.0.trainings.0.trouble "it diverged"

# begin ARGUMENT...: in the background; waits until a training is done
begin() {
  last_run="compare $*"
  : >"$work/err"
  # a command in the background ignores INT, unless something sets it anew
  env --default-signal=INT "$NUMERAL" compare "$@" >"$work/out" 2>"$work/err" &
  pid=$!
  waited=0
  until grep -q '^1/' "$work/err"; do
    waited=$((waited + 1))
    [ "$waited" -lt 1000 ] || fail "no training came"
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
}

# ---- killed at any time, it goes on with the next and ends the same
begin mlp "$tiny" fast -d synth:600 -e 1 -o killed
kill -s KILL "$pid" 2>/dev/null
wait "$pid" 2>/dev/null
json killed/compare.json networks.0.trainings.0.accuracy >/dev/null
run "$NUMERAL" compare --resume killed --json
expect_status 0
expect_not_in "$work/err" "1/9  "
for i in 0 1 2; do
  for s in 0 1 2; do
    path=networks.$i.trainings.$s.accuracy
    expect_json "$work/out" $path "$(json "$work/whole" $path)"
  done
done

# ---- Ctrl-C: how to go on
for signal in INT TERM; do
  begin "$tiny" cnn -d synth:3000 -e 100 -o "stop$signal"
  kill -s "$signal" "$pid"
  status=0
  wait "$pid" || status=$?
  [ "$signal" = INT ] && expect_status 130
  [ "$signal" = TERM ] && expect_status 143
  expect_err "1 of 6 trainings are kept"
  expect_err "numeral compare --resume stop$signal"
  json "stop$signal/compare.json" networks.0.trainings.0.accuracy >/dev/null
  expect_json "stop$signal/compare.json" networks.1.trainings "[]"
done

# ---- without gnuplot: the rest, and which package is missing
mkdir empty
run env PATH="$work/here/empty" "$NUMERAL" compare --resume two --json
expect_status 0
expect_err "gnuplot-nox"
expect_json "$work/out" picture null

# ---- wrong usage
run "$NUMERAL" compare no-such-net --data synth:100
expect_failure 2 no-such-net
run "$NUMERAL" compare "$tiny" "$tiny" --data synth:100
expect_failure 2 "named twice"
run "$NUMERAL" compare "$tiny" --seeds 0
expect_failure 2 "--seeds: expected a whole number from 1"
run "$NUMERAL" compare "$tiny" --precision int8
expect_failure 2 "--precision"
run "$NUMERAL" compare --resume a --seeds 4
expect_failure 2 "--seeds"
run "$NUMERAL" compare --resume a --epochs 2
expect_failure 2 "--epochs"
run "$NUMERAL" compare --resume a --out b
expect_failure 2 "--out"
run "$NUMERAL" compare mlp --resume a
expect_failure 2 "other networks"
# ... and what cannot be
run "$NUMERAL" compare "$tiny" --data synth:100 --out a
expect_failure 1 "numeral compare --resume a"
run "$NUMERAL" compare "$tiny" --data no-such-data --out b
expect_failure 1 no-such-data
expect_no_file b
run "$NUMERAL" compare --resume no-such-folder
expect_failure 1 no-such-folder/compare.json
mkdir torn
head -c 300 a/compare.json >torn/compare.json
run "$NUMERAL" compare --resume torn
expect_failure 1 "is not a comparison"
sed 's/"seeds": 3/"seeds": 2/' a/compare.json >torn/compare.json
run "$NUMERAL" compare --resume torn
expect_failure 1 '"trainings" is missing or wrong'
sed 's/"checksum": "[^"]*"/"checksum": "0000000000000000"/' stopINT/compare.json >torn/compare.json
run "$NUMERAL" compare --resume torn
expect_failure 1 "has changed since"
