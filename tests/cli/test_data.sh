#!/bin/sh
# test_data.sh: numeral data, and every kind of --data, from outside.
. "$SOURCE_DIR/tests/cli/lib.sh"

# no data set of this machine is found, and no mirror answers
unset NUMERAL_DATA_DIR
export NUMERAL_MIRRORS="http://127.0.0.1:1/ http://127.0.0.1:2"

# ---- list
run "$NUMERAL" data list
expect_status 0
expect_in "$work/out" "mnist"
expect_in "$work/out" "not here yet: numeral data fetch mnist"
run "$NUMERAL" data list --json
expect_json "$work/out" sets.0.found false
expect_json "$work/out" sets.1.name synth

# ---- neither a copy nor a network: every place is named
run "$NUMERAL" data fetch mnist --data-dir "$work/mine"
expect_status 1
for text in "--data synth needs neither" "in $work/mine, data, $XDG_CACHE_HOME/numeral;" \
  "http://127.0.0.1:1/train-images-idx3-ubyte.gz (" "http://127.0.0.1:2/train"; do
  expect_err "$text"
done
run "$NUMERAL" eval --data mnist
[ "$status" -eq 1 ] || fail "eval without data"
run "$NUMERAL" data fetch synth
expect_status 0
run "$NUMERAL" data fetch mnits
expect_failure 2 'did you mean "mnist"?'
run "$NUMERAL" data info nowhere
expect_failure 1 'no data set "nowhere"'

# ---- info
run "$NUMERAL" data info synth:300 --json
expect_status 0
expect_json "$work/out" name synth:300
expect_json "$work/out" train.count 300
expect_json "$work/out" train.digits.7 30
expect_json "$work/out" test.count 50
sum=$(json "$work/out" train.checksum)
run "$NUMERAL" data info synth:300
expect_status 0
expect_in "$work/out" "$sum"
run "$NUMERAL" data info synth:300 --seed 2
expect_not_in "$work/out" "$sum"
for wrong in synth: synth:0 synth:x synth:99999999999 synth:-1; do
  run "$NUMERAL" data info $wrong
  expect_failure 1 "a number of images from 1"
done

# ---- show
run "$NUMERAL" data show synth:600 -o sheet.png --count 30
expect_status 0
expect_out "sheet.png: 30 test images of synth:600"
expect_file sheet.png
run "$NUMERAL" data show synth:600 -o changed.png --augment strong --count 3
expect_status 0
expect_in "$work/out" "each beside 9 of what training makes of it"
expect_file changed.png
run "$NUMERAL" data show synth:600 -o other.png --augment strong --count 3 --blur 2
cmp -s changed.png other.png && fail "--blur changes nothing"
run "$NUMERAL" data show synth:600 -o other.png --augment strong --count 3
expect_same changed.png other.png
run "$NUMERAL" data show synth:600 --augment light --count 2
expect_status 0
[ "$(grep -c ', #' "$work/out")" -eq 2 ] || fail "a row for each digit"
run "$NUMERAL" data show synth:600 --count 1 --elastic 9
expect_failure 2 "--elastic"
run "$NUMERAL" data show synth:600 -o many.png --count 5000 --augment light
expect_failure 2 "--count: with --augment at most 1000"
run "$NUMERAL" data show here+synth:9
expect_failure 1 "only training joins sets by +"
run "$NUMERAL" data show synth:100 --split train --index 3 --count 2 --json
expect_status 0
expect_json "$work/out" images.0.index 3
expect_json "$work/out" images.1.index 4
run "$NUMERAL" data show synth:600 --digit 7 --count 5 --json
expect_json "$work/out" images.4.label 7
cp "$work/out" "$work/first"
run "$NUMERAL" data show synth:600 --digit 7 --count 5 --json
expect_same "$work/first" "$work/out"
# side by side as far as the width allows, each over its label
run "$NUMERAL" data show synth:60 --count 4 --index 2
expect_status 0
[ "$(wc -l <"$work/out")" -eq 32 ] || fail "two by two images of 14 lines and a label"
expect_in "$work/out" "4 test images of synth:60"
grep -Eqx '[0-9], image 2 {20}[0-9], image 3' "$work/out" || fail "labels below the images"
COLUMNS=200 run "$NUMERAL" data show synth:60 --count 4 --index 2
[ "$(wc -l <"$work/out")" -eq 16 ] || fail "four images side by side"
[ "$(sed -n 2p "$work/out" | wc -m)" -ge 119 ] || fail "four images are 118 columns wide"
COLUMNS=1 run "$NUMERAL" data show synth:60 --count 4 --index 2
[ "$(wc -l <"$work/out")" -eq 64 ] || fail "one below the other"

# an image by its name: the one that predict would read
run "$NUMERAL" data show synth:test:3
expect_status 0
[ "$(wc -l <"$work/out")" -eq 15 ] || fail "one image takes 15 lines"
expect_in "$work/out" "synth:60000, test image 3: 8"
run "$NUMERAL" data show synth:train:5 -o five.png
expect_status 0
expect_out "five.png: synth:60000, train image 5, a 0"
run "$NUMERAL" data show synth:test:random --seed 5 --json
cp "$work/out" "$work/first"
run "$NUMERAL" data show synth:test:random --seed 5 --json
expect_same "$work/first" "$work/out"
run "$NUMERAL" predict synth:test:random --seed 5 --json
expect_json "$work/out" file "synth:test:$(json "$work/first" images.0.index)"
run "$NUMERAL" data show synth:test:7 --count 3 --json
expect_json "$work/out" images.2.index 9
run "$NUMERAL" data show synth:test:random --count 3 --json
json "$work/out" images.2.index >/dev/null
run "$NUMERAL" data show synth:test:10000
expect_failure 1 "an index from 0 to 9999, or random"
run "$NUMERAL" data show synth:test:3 --split train
expect_failure 2 "says which image"
run "$NUMERAL" data show synth:60 --index 10
expect_failure 1 "no such image"
run "$NUMERAL" data show synth:60 --digit 10
expect_failure 2 "--digit"
run "$NUMERAL" data show synth:60 -o /nowhere/a.png
expect_failure 1 "/nowhere/a.png"

# one alone is the bare image: a folder of such images is the set again
for digit in 1 7; do
  mkdir -p images/$digit
  for index in 0 1 2; do
    run "$NUMERAL" data show synth:600 --digit $digit --index $((index * 15)) \
      --count 1 -o images/$digit/$index.png
    expect_status 0
  done
done
run "$NUMERAL" data info images --json
expect_status 0
expect_json "$work/out" train.count 6
expect_json "$work/out" train.digits.1 3
expect_json "$work/out" train.digits.7 3
expect_json "$work/out" test null
draw_blank images/1/blank.pgm
run "$NUMERAL" data info images
expect_status 0
expect_err "no ink"
echo "not a picture" >images/7/notes.txt
run "$NUMERAL" data info images
expect_failure 1 "images/7/notes.txt"
mkdir -p split/train split/test empty
rm images/7/notes.txt
cp -r images/1 images/7 split/train
cp -r images/7 split/test
run "$NUMERAL" data info split --json
expect_json "$work/out" train.count 6
expect_json "$work/out" test.count 3
run "$NUMERAL" data info empty
expect_failure 1 "empty has no data"

# ---- CSV
zeros=$(awk 'BEGIN { for (i = 0; i < 783; i++) printf ",0" }')
printf 'label,pixels\r\n4,255%s\r\n9,7%s' "$zeros" "$zeros" >two.csv
run "$NUMERAL" data info two.csv --json
expect_status 0
expect_json "$work/out" train.count 2
expect_json "$work/out" train.digits.9 1
gzip -c two.csv >two.csv.gz
run "$NUMERAL" data info two.csv.gz --json
expect_json "$work/out" train.count 2
printf '4,255%s\n9,7\n' "$zeros" >short.csv
run "$NUMERAL" data info short.csv
expect_failure 1 "short.csv: line 2 of the CSV file has 2 fields"
: >none.csv
run "$NUMERAL" data info none.csv
expect_failure 1 "none.csv: the CSV file has no line of data"

# ---- IDX: one image with the label 3, named as MNIST's
mkdir idx
{
  printf '\000\000\010\003\000\000\000\001\000\000\000\034\000\000\000\034'
  head -c 784 /dev/zero | tr '\000' '\101'
} >idx/train-images-idx3-ubyte
printf '\000\000\010\001\000\000\000\001\003' >idx/train-labels-idx1-ubyte
run "$NUMERAL" data info idx --json
expect_status 0
expect_json "$work/out" train.digits.3 1
gzip idx/train-images-idx3-ubyte
run "$NUMERAL" data info idx --json
expect_json "$work/out" train.digits.3 1
head -c 30 idx/train-images-idx3-ubyte.gz >idx/cut
mv idx/cut idx/train-images-idx3-ubyte.gz
run "$NUMERAL" data info idx
expect_failure 1 "is not a whole gzip file"
rm idx/train-images-idx3-ubyte.gz
run "$NUMERAL" data info idx
expect_failure 1 "images and labels belong together"
printf '\000\000\010\003\377\377\377\377\000\000\000\034\000\000\000\034' \
  >idx/train-images-idx3-ubyte
run "$NUMERAL" data info idx
expect_failure 1 "promises 4294967295 images"

# a set that calls itself mnist and is not
mkdir mnist
cp idx/train-labels-idx1-ubyte mnist/
run "$NUMERAL" data info mnist --data-dir .
expect_failure 1 "mnist/train-labels-idx1-ubyte is not the published file"
