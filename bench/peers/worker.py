"""worker.py: what the workers of all peers share.

A worker is one library in one process, started by programs.py with

    X_worker.py IMAGES LABELS           IDX files

It reads a request a line on stdin (JSON) and answers with a line on stdout:

  {"do": "describe"}           -> {"version": ..., "train": [...], "predict": [...]}
                                  the precisions that it can be asked for
  {"do": "settings", "workload": {...}}   -> {"settings": {name: [value, ...]}}
                                  what can be tried; the first value is the usual one
  {"do": "measure", "workload": {...}, "setting": {...}, "seconds": s} -> {"value": v}

or {"error": sentence}. A workload has task, spec, batch, threads, precision and,
to train, recipe. Training's value is images a second over whole steps (choose
the batch, forward, loss, backward, optimiser); prediction's is microseconds a
call (batch 1) or images a second. Knows nothing of numeral.
"""

import contextlib
import json
import os
import sys
import time

BATCHES = 16       # different batches that prediction is timed on
WARM_IMAGES = 512


def read_data(images_path, labels_path):
    """Pixels [n * 784] and labels [n], one byte each."""
    with open(images_path, "rb") as f:
        images = bytearray(f.read()[16:])
    with open(labels_path, "rb") as f:
        return images, bytearray(f.read()[8:])


def training_speed(step, batch, seconds):
    """step() trains on some batches and says on how many images."""
    warm = 0
    while warm < max(4 * batch, WARM_IMAGES):
        warm += step()
    images, start = 0, time.perf_counter()
    while True:
        images += step()
        spent = time.perf_counter() - start
        if spent >= seconds:
            return images / spent


def prediction_speed(call, batch, seconds):
    """The median of call(0) .. call(BATCHES - 1); the first tenth warms up."""
    times = []
    end = time.perf_counter() + seconds + 0.1
    while time.perf_counter() < end:
        for i in range(BATCHES):
            start = time.perf_counter()
            call(i)
            times.append(time.perf_counter() - start)
    times = sorted(times[len(times) // 10:])
    middle = times[len(times) // 2]
    return middle * 1e6 if batch == 1 else batch / middle


def batch_rows(count, batch):
    """Endless starts of batches in an epoch's order of `count` images."""
    at = 0
    while True:
        yield at
        at += batch
        if at + batch > count:
            at = 0


def answer(request, worker, prepared):
    if request["do"] == "describe":
        return worker.describe()
    workload = request["workload"]
    if request["do"] == "settings":
        return {"settings": worker.settings(workload)}
    setting = request["setting"]
    key = json.dumps([workload, setting], sort_keys=True)
    speed = training_speed if workload["task"] == "train" else prediction_speed
    with worker.around(workload, setting):
        if key not in prepared:  # compiled once, not in every round
            prepared[key] = worker.prepare(workload, setting)
        return {"value": speed(prepared[key], workload["batch"], request["seconds"])}


class Worker:
    """What serve() wants of a library."""

    def describe(self):
        raise NotImplementedError

    def settings(self, workload):
        raise NotImplementedError

    def around(self, workload, setting):
        """A context for prepare() and for what it gives."""
        del workload, setting
        return contextlib.nullcontext()

    def prepare(self, workload, setting):
        """step() to train, call(i) to predict batch i."""
        raise NotImplementedError


def serve(worker):
    """Answers until stdin ends. What libraries print goes to stderr."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    prepared = {}
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line), worker, prepared)
        except Exception as error:  # a setting that a library cannot do
            reply = {"error": f"{type(error).__name__}: {error}"[:300]}
        out.write(json.dumps(reply) + "\n")
        out.flush()
