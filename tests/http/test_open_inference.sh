#!/bin/sh
# test_open_inference.sh: the Open Inference Protocol, demand by demand.
. "$SOURCE_DIR/tests/http/serving.sh"
ask open_inference.py
