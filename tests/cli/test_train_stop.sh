#!/bin/sh
# test_train_stop.sh: Ctrl-C and TERM save and say how to go on; what is
# resumed ends with the very bits of a run that was never stopped.
. "$SOURCE_DIR/tests/cli/lib.sh"
options="--no-report --net mlp --data synth:1000 --epochs 6 --val-split 0.1 --schedule cosine"
# shellcheck disable=SC2086 # words
"$NUMERAL" train $options --run whole --quiet >/dev/null || fail "the whole run"

# begin ARGUMENT...: in the background; waits until an epoch is done
begin() {
  last_run="train $*"
  : >"$work/err" # or the epochs of the run before are taken for its own
  "$NUMERAL" train "$@" >"$work/out" 2>"$work/err" &
  pid=$!
  waited=0
  until grep -q '^epoch ' "$work/err"; do
    waited=$((waited + 1))
    [ "$waited" -lt 1000 ] || fail "no epoch came"
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
}

long="--no-report --net cnn --data synth:3000 --epochs 2000 --val-split 0.1"
for signal in INT TERM; do
  # shellcheck disable=SC2086
  begin $long --run "stop$signal"
  kill -s "$signal" "$pid"
  status=0
  wait "$pid" || status=$?
  [ "$signal" = INT ] && expect_status 130
  [ "$signal" = TERM ] && expect_status 143
  expect_err "numeral train --resume stop$signal"
  expect_file "stop$signal/checkpoint"
  expect_no_file "stop$signal/model.safetensors"
  json "stop$signal/run.json" command >/dev/null
done

# two processes cannot train in one folder
begin --resume stopINT
kill -0 "$pid" || fail "it goes on"
"$NUMERAL" train --resume stopINT >"$work/out2" 2>"$work/err2" && fail "two in one folder"
expect_in "$work/err2" "another process is training"
kill -s INT "$pid"
wait "$pid"

# stop the run from above at its first chance, over and over, until it ends
# shellcheck disable=SC2086
begin $options --run parts
stops=0
while kill -s INT "$pid" 2>/dev/null; do
  wait "$pid" && break
  stops=$((stops + 1))
  [ "$stops" -lt 50 ] || fail "it never ends"
  last_run="train --resume parts"
  "$NUMERAL" train --no-report --resume parts >"$work/out" 2>"$work/err" &
  pid=$!
  sleep "$(random_tenths 1 8)"
done
run "$NUMERAL" train --no-report --resume parts
expect_status 0
expect_same parts/model.safetensors whole/model.safetensors
expect_same_log() {
  for file in whole parts; do
    sed 's/"seconds.*//' "$file/log.jsonl" >"$work/$file.log"
  done
  expect_same "$work/whole.log" "$work/parts.log"
}
expect_same_log

# a log whose last line is cut short, and lines that no checkpoint holds
"$NUMERAL" train --no-report --net mlp --data synth:1000 --epochs 6 --val-split 0.1 \
  --schedule cosine --run torn >/dev/null 2>&1 || fail "torn"
rm torn/model.safetensors
printf '{"epoch":7,"loss":1}\n{"epoch":8,"lo' >>torn/log.jsonl
run "$NUMERAL" train --no-report --resume torn
expect_status 0
[ "$(wc -l <torn/log.jsonl)" -eq 6 ] || fail "the log holds six epochs"
"$json_get" . <torn/log.jsonl || fail "the log is whole again"
expect_same torn/model.safetensors whole/model.safetensors

# begun, and killed before there was a checkpoint: from the beginning
rm torn/model.safetensors torn/checkpoint torn/log.jsonl
run "$NUMERAL" train --no-report --resume torn
expect_status 0
expect_same torn/model.safetensors whole/model.safetensors

# a checkpoint that is none
rm torn/model.safetensors
head -c 5000 /dev/urandom >torn/checkpoint
run "$NUMERAL" train --no-report --resume torn
expect_failure 1 torn/checkpoint
