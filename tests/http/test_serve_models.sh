#!/bin/sh
# test_serve_models.sh: numeral serve's models, log and metrics.
. "$SOURCE_DIR/tests/http/serving.sh"
ask serve_models.py
