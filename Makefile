# The front door. Everything real is in CMakePresets.json and scripts/;
# `make help` lists what there is.
.DEFAULT_GOAL := all
.NOTPARALLEL:
SHELL := /bin/bash
PREFIX ?= /usr/local

# a copy of the data sets beside the project is used where there is one
ifneq ($(wildcard ../shared/data),)
export NUMERAL_DATA_DIR ?= $(abspath ../shared/data)
endif

configure = cmake --log-level=NOTICE >/dev/null --preset

all: ## build the program, build/numeral (the default)
	@scripts/setup.sh --run
	@$(configure) release
	@cmake --build --preset release --target numeral numeral_shared

run: all ## train on MNIST, measure, save, read a picture: about a minute
	@scripts/run.sh

test: ## every test; the data-bound ones skip without MNIST
	@scripts/setup.sh
	@scripts/test.sh

bench: all ## how fast numeral is on this machine
	build/numeral bench

bench-peers: all ## the same beside PyTorch, Keras, oneDNN, ... (installs them first)
	@scripts/setup.sh --bench
	@bench/peers.sh

bench-serve: all ## numeral serve beside Flask and PyTorch (installs them first)
	@scripts/setup.sh --bench
	@bench/serve.sh

lint: ## layout of the code, static analysis, scripts, manual page
	@scripts/setup.sh --lint
	@scripts/lint.sh

format: ## lay out the code as .clang-format says
	@scripts/setup.sh --lint
	@scripts/lint.sh --format

fuzz: ## run every fuzz target FUZZ_SECONDS (60) under sanitizers
	@scripts/setup.sh
	@$(configure) fuzz
	@cmake --build --preset fuzz
	@scripts/fuzz.sh

install: all ## header, libraries, program, manual: PREFIX (/usr/local), DESTDIR
	@cmake --install build --prefix $(PREFIX) >/dev/null
	@echo "installed under $(DESTDIR)$(PREFIX)"

setup: ## install what building and testing needs and is missing
	@rm -f build/.setup-skipped
	@scripts/setup.sh

clean: ## remove everything built; runs/ and data stay
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: all run test bench bench-peers bench-serve lint format fuzz install setup clean help
