#!/bin/sh
# test_train_disk.sh: a full disk and folders that cannot be written. Needs
# root for a small file system of its own.
. "$SOURCE_DIR/tests/cli/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "not root: no small file system to fill"
mkdir disk
mount -t tmpfs -o size=2m tmpfs disk 2>/dev/null || skip "no file system can be mounted here"
cleanup() { umount "$work/here/disk" 2>/dev/null; }
net="flatten, dense 64 relu, dense 10" # 50,890 parameters, 204 kB
train() { run "$NUMERAL" train --no-report --net "$net" --data synth:500 --epochs 2 "$@"; }

# too full before it begins: said at once, nothing left behind
head -c 1900000 /dev/zero >disk/ballast
train --run disk/run
expect_failure 1 "MB free"
expect_no_file disk/run
echo old >disk/model
train --run run -o disk/model
expect_failure 1 "MB free"
expect_no_file run
[ "$(cat disk/model)" = old ] || fail "the earlier file was touched"
rm disk/ballast

# it becomes full on the way: a message, the earlier file whole, and later it goes on
train --run whole
net="flatten, dense 64 relu, dense 10"
"$NUMERAL" train --net "$net" --data synth:500 --epochs 50000 --checkpoint 0 --run disk/run \
  >"$work/out" 2>"$work/err" &
pid=$!
last_run="train while the disk becomes full"
waited=0
until [ -s disk/run/log.jsonl ] || [ "$waited" -gt 600 ]; do
  waited=$((waited + 1))
  sleep 0.05
done
head -c 3000000 /dev/zero >disk/ballast 2>/dev/null
status=0
wait "$pid" || status=$?
expect_status 1
expect_err "numeral: train: "
[ "$(cat disk/model)" = old ] || fail "the earlier file was touched"
rm disk/ballast
run timeout -s INT 2 "$NUMERAL" train --resume disk/run
[ "$status" -eq 130 ] || [ "$status" -eq 124 ] || fail "it goes on once there is room"
[ "$(find disk/run -name '*.??????' | wc -l)" -le 2 ] || fail "temporary files stay behind"
rm -rf disk/run

# the model at the end does not fit: the old one stays, the run can be ended later
train --run end
rm end/model.safetensors
umount disk
mount -t tmpfs -o size=1m tmpfs disk || skip "mount"
head -c 700000 /dev/zero >disk/ballast
echo old >disk/model
train --run tight -o disk/model
expect_status 0
head -c 100000 disk/model | cmp -s - tight/model.safetensors && fail "compare"
expect_same disk/model tight/model.safetensors

# there is room for the model, but not for the report: the training is done
rm -r disk/*
head -c 100000 /dev/zero >disk/ballast
run "$NUMERAL" train --net "flatten, dense 10" --data synth:500 --epochs 2 --run disk/run
expect_status 0
expect_err "warning: there is no report: disk/run/"
expect_file disk/run/model.safetensors
[ -z "$(find disk/run -name '*.??????')" ] || fail "temporary files stay behind"
rm -r disk/*

# a file system that is read-only
echo old >disk/model
mount -o remount,ro disk || skip "remount"
train --run disk/run
expect_failure 1 "disk"
train --run run -o disk/model
expect_failure 1 "disk"
expect_no_file run
[ "$(cat disk/model)" = old ] || fail "the earlier file was touched"
