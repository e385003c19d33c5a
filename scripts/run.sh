#!/bin/bash
# run.sh: what `make run` shows: data, training, measuring, reading a picture.
# Every numeral command is printed before it runs, so that it can be repeated.
set -euo pipefail
cd "$(dirname "$0")/.."
epochs=${EPOCHS:-8}
run=runs/cnn-$(date +%Y%m%d-%H%M%S)
while [ -e "$run" ]; do run=$run-2; done
PATH=$PWD/build:$PATH

numeral() {
  printf '\n$ %s\n' "numeral $*"
  command numeral "$@" </dev/null
}
numeral_into() { # file, arguments...: what numeral prints goes into the file
  local file=$1
  shift
  printf '\n$ %s\n' "numeral $* >$file"
  command numeral "$@" </dev/null >"$file"
}

data=mnist
if ! numeral data fetch mnist; then
  data=synth
  cat <<'TEXT'

MNIST is not here and could not be downloaded. Going on with --data synth:
digits that numeral draws itself. They are easier than people's handwriting,
so the figures below are not those of MNIST.
TEXT
fi

numeral train --data $data --net cnn --epochs "$epochs" --run "$run"
model=$run/model.safetensors
numeral_into "$run/eval.txt" eval "$model" --data $data
cat "$run/eval.txt"
numeral_into "$run/eval.json" eval "$model" --data $data --json
numeral data show $data -o "$run/digit.png" --count 1
numeral predict --model "$model" "$run/digit.png"

cat <<TEXT

Done. In $run:
  model.safetensors      the trained network
  log.jsonl              every epoch: loss, accuracy, seconds
  run.json               the command, seed, version and data behind it
  eval.txt, eval.json    accuracy, figures of each digit, confusion matrix
  report.html            all of it in pictures, for a browser:
                         file://$PWD/$run/report.html
  *.png                  the same pictures, one a file: training, confusion,
                         classes, reliability, predictions, misclassified,
                         map, filters, samples
  digit.png              the picture that was read last
Next: build/numeral predict YOUR-PICTURE.png    build/numeral --help
TEXT
