#!/bin/sh
# test_train_kill.sh: killed by SIGKILL at random moments, 20 times in all,
# and resumed: the model is, byte for byte, that of an undisturbed run.
. "$SOURCE_DIR/tests/cli/lib.sh"
# with all that a checkpoint must hold
options="--no-report --net mlp --data synth:1000 --epochs ${EPOCHS:-80} --val-split 0.1 --batch 16 --quiet \
  --augment strong --ema 0.99 --mixup 0.2 --schedule warm-restarts --patience 80"
# shellcheck disable=SC2086 # words
"$NUMERAL" train $options --run whole >/dev/null || fail "the whole run"

kills=0
runs=0
while [ "$kills" -lt 20 ]; do
  runs=$((runs + 1))
  [ "$runs" -le 40 ] || fail "only $kills kills in 40 runs"
  # shellcheck disable=SC2086
  "$NUMERAL" train $options --run "run$runs" --checkpoint 0.02 >"$work/out" 2>"$work/err" &
  while :; do
    pid=$!
    if [ "$kills" -lt 20 ]; then
      sleep "$(random_tenths 0 6)"
      kill -s KILL "$pid" 2>/dev/null
    fi
    # 137: killed. A run that was done by itself is done
    status=0
    wait "$pid" 2>/dev/null || status=$?
    [ "$status" -eq 137 ] || break
    kills=$((kills + 1))
    if [ ! -e "run$runs/run.json" ]; then # killed before anything was there
      rm -rf "run$runs"
      continue 2
    fi
    threads=$((kills % 2 + 1))
    last_run="train --resume run$runs"
    "$NUMERAL" train --no-report --resume "run$runs" --quiet --threads "$threads" --checkpoint 0.02 \
      >"$work/out" 2>"$work/err" &
  done
  [ "$status" -eq 0 ] || fail "after a kill"
  expect_same "run$runs/model.safetensors" whole/model.safetensors
  [ "$(wc -l <"run$runs/log.jsonl")" -eq "$(wc -l <whole/log.jsonl)" ] || fail "the log"
  "$json_get" . <"run$runs/log.jsonl" || fail "the log is JSON"
  [ "$(find "run$runs" -type f | wc -l)" -ge 4 ] || fail "files of the run"
done
echo "$kills kills, $runs runs"
