#!/bin/sh
# test_train.sh: what numeral train leaves behind, and what it refuses.
. "$SOURCE_DIR/tests/cli/lib.sh"
net="flatten, dense 16 relu, dense 10"
train() { run "$NUMERAL" train --no-report --net "$net" --data synth:1000 "$@"; }

train --epochs 3 --val-split 0.1 --run run -o out.safetensors --seed 7
expect_status 0
for file in run.json log.jsonl checkpoint model.safetensors; do expect_file "run/$file"; done
expect_same run/model.safetensors out.safetensors
for text in "Network    : flatten" "Validation : " "Test       : " "95% interval" \
  "run/model.safetensors" "out.safetensors"; do
  expect_in "$work/out" "$text"
done
grep -Eq '^epoch 3/3  loss [0-9.]+  acc [0-9.]+%  val loss [0-9.]+  val acc [0-9.]+%  lr [0-9.e-]+  [0-9.]+ s  [0-9,]+ images/s$' \
  "$work/err" || fail "a line an epoch"

[ "$(wc -l <run/log.jsonl)" -eq 3 ] || fail "three epochs in the log"
"$json_get" . <run/log.jsonl || fail "the log is JSON"
sed -n 3p run/log.jsonl >"$work/last"
expect_json "$work/last" epoch 3
for key in loss accuracy val_loss val_accuracy learning_rate seconds images_per_second; do
  json "$work/last" "$key" >/dev/null
done
expect_json run/run.json options.seed 7
expect_json run/run.json options.val_split 0.1
expect_json run/run.json result.epochs 3
expect_json run/run.json data.train 900
expect_json run/run.json data.validation 100
for key in command version cpu instruction_set threads data.name data.checksum \
  result.test.accuracy result.test.accuracy_low result.test.accuracy_high result.seconds; do
  json run/run.json "$key" >/dev/null
done

# never over an earlier run, and never a byte of it changed
cp -r run before
train --run run
expect_failure 1 "there is a run in run already"
diff -r run before >/dev/null || fail "the earlier run was touched"

# JSON, quietly; the folder's own name; no validation
train --epochs 1 --json --quiet --val-split 0
expect_status 0
[ ! -s "$work/err" ] || fail "--quiet"
folder=$(json "$work/out" run)
case $folder in runs/net-2*) ;; *) fail "run folder $folder" ;; esac
expect_json "$folder/log.jsonl" val_loss null
json "$work/out" test.accuracy >/dev/null
expect_file "$(json "$work/out" model)"

# the number of threads changes nothing; the seed does
train --epochs 2 --run one --threads 1
train --epochs 2 --run two --threads 2
train --epochs 2 --run three --threads 2 --seed 2
expect_same one/model.safetensors two/model.safetensors
cmp -s one/model.safetensors three/model.safetensors && fail "the seed changes nothing"

# every option of the recipe arrives
train --run recipe --epochs 2 --optimizer sgd --lr 0.05 --momentum 0.8 --nesterov \
  --batch 32 --schedule step --step-epochs 1 --step-factor 0.5 --clip 3 \
  --weight-decay 0.001 --patience 1 --val-split 0.2
expect_status 0
for pair in optimizer=sgd learning_rate=0.05 momentum=0.8 nesterov=1 batch=32 schedule=step \
  step_epochs=1 step_factor=0.5 clip=3.0 weight_decay=0.001 patience=1 val_split=0.2; do
  expect_json recipe/run.json "options.${pair%%=*}" "${pair#*=}"
done
sed -n 1p recipe/log.jsonl >"$work/first"
expect_json "$work/first" learning_rate 0.05
train --run newer --epochs 2 --augment medium --rotate 3.5 --blur 0 --mixup 0.3 --ema 0.9 \
  --schedule warm-restarts --restart-epochs 1 --restart-factor 1 --val-split 0.2
expect_status 0
for pair in augment_rotate=3.5 augment_blur=0.0 augment_elastic=0.9 mixup=0.3 ema=0.9 \
  schedule=warm-restarts restart_epochs=1 restart_factor=1.0 freeze=0 init=; do
  expect_json newer/run.json "options.${pair%%=*}" "${pair#*=}"
done
train --resume newer --augment strong
expect_failure 2 "--augment"
train --run wrong --noise 0.6
expect_failure 2 "--noise"
expect_no_file wrong

# sets joined by +: validation and test are the first's
train --run joined --epochs 1 --data synth:500+synth:70 --val-split 0.1
expect_status 0
expect_json joined/run.json data.name synth:500+synth:70
expect_json joined/run.json data.train 520
expect_json joined/run.json data.validation 50
"$NUMERAL" models show joined/model.safetensors >"$work/out"
expect_in "$work/out" synth:500+synth:70

# from a model's numbers, some of them left as they are
run "$NUMERAL" train --no-report --init run/model.safetensors --freeze 2 --data synth:200 --epochs 1 \
  --run tuned
expect_status 0
expect_json tuned/run.json options.net "flatten, dense 16 relu, dense 10"
expect_json tuned/run.json options.init "$PWD/run/model.safetensors"
run "$NUMERAL" train --no-report --init run/model.safetensors --net mlp --run wrong
expect_failure 2 "--init: that model is another network"
run "$NUMERAL" train --no-report --init run/model.safetensors --freeze 3 --run wrong
expect_failure 2 "--freeze 3 leaves nothing to train"
train --epochs 1 --run taught --teacher run/model.safetensors --teacher builtin
expect_status 0
expect_json taught/run.json options.teachers.0 "$PWD/run/model.safetensors"
expect_json taught/run.json options.teachers.1 builtin
run "$NUMERAL" train --resume taught --teacher builtin
expect_failure 2 "--teacher: the run in taught was begun with another value"
train --run wrong --teacher nowhere
expect_failure 1 "nowhere"
run "$NUMERAL" train --no-report --init nowhere --run wrong
expect_failure 1 "nowhere"
expect_no_file wrong

# places that cannot be written are found before the first epoch
train --epochs 1 --run new1 -o missing/folder/model.safetensors
expect_failure 1 "missing/folder is not a folder"
expect_no_file new1
mkdir taken
train --epochs 1 --run new2 -o taken
expect_failure 1 "is a folder"
expect_no_file new2
mkdir locked
chmod 555 locked
if [ ! -w locked ]; then # root may write everywhere
  train --epochs 1 --run locked/run
  expect_failure 1 "locked"
  train --epochs 1 --run new4 -o locked/model
  expect_failure 1 "locked"
  expect_no_file new4
fi
echo file >plain
train --epochs 1 --run plain/run
expect_failure 1 "plain"
run "$NUMERAL" train --data missing-folder --run new3
expect_status 1
expect_no_file new3 # the same command can be repeated

# a finished run has nothing to go on with, but gives its model again
train --resume run --seed 8
expect_failure 2 "begun with another value"
run "$NUMERAL" train --resume run
expect_status 0
expect_err "finished"
expect_same run/model.safetensors before/model.safetensors
run "$NUMERAL" train --resume run -o again.safetensors
expect_same run/model.safetensors again.safetensors
run "$NUMERAL" train --resume nowhere
expect_failure 1 nowhere
run "$NUMERAL" train --resume run --epochs 30
expect_failure 2 "--epochs"
run "$NUMERAL" train --resume run --run other
expect_failure 2 "--run"
run "$NUMERAL" train --resume run --threads 1 --epochs 3 --seed 7
expect_status 0
echo '{"options": {}}' >before/run.json
run "$NUMERAL" train --resume before
expect_failure 1 before/run.json
echo '{' >before/run.json
run "$NUMERAL" train --resume before
expect_failure 1 before/run.json
