# Two commands matter: `make demo` and `make test`. Both set everything up first, once.

SHELL := /bin/bash
PYTHON ?= $(shell setup/python.sh 2>/dev/null)
VENV := .venv
READY := $(VENV)/ready
# Stages run `python`: the environment's. dvc's and PlatformIO's tools are found there too.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help demo flash site frontier test test-full lint format figures bench bench-train fuzz setup setup-site \
  setup-test clean

help:
	@echo 'make demo       set up, then run the whole pipeline on solar-cell pictures; ends with a summary'
	@echo 'make flash      write the image to the board on PORT=/dev/ttyUSB0 (the only USB port)'
	@echo 'make site       make the web page of the last run, build/site: its story, installing, talking to a board'
	@echo 'make frontier   run the sweep of params.yaml in DVC'\''s queue, JOBS at a time (1), and draw it'
	@echo 'make test       set up, then lint and test'
	@echo 'make test-full  the same with the tests that take minutes each'
	@echo 'make format     format Python and C sources'
	@echo 'make figures    write the figures of metrics/ into README.md'
	@echo 'make bench      count instructions of random models in an emulator, beside TFLM'\''s'
	@echo 'make bench-train  train on random pictures, and on batches already in RAM: what the input costs'
	@echo 'make fuzz       damage models for FUZZ_SECONDS (1800): the runtime must never leave its memory'
	@echo 'make clean      remove the environment, caches and builds; DVC'\''s cache of results stays'

demo: setup
	dvc repro
	@python -m stages.summary

flash: setup
	@python -m squeezenet_lib.flash --port '$(PORT)'

site: setup-site
	python -m stages.site

JOBS ?= 1
frontier: setup
	python -m stages.frontier --jobs $(JOBS)
	@python -m stages.summary

test: lint
	pytest

test-full: lint
	pytest -m 'full or not full'

C_SOURCES = find esp32_pio tests/c -name .pio -prune -o \( -name '*.c' -o -name '*.cc' -o -name '*.h' \) -print0

lint: setup-test
	ruff check .
	ruff format --check .
	mypy
	python -m squeezenet_lib.site_build
	$(C_SOURCES) | xargs -0 -r clang-format --dry-run -Werror

format: setup
	ruff check --fix .
	ruff format .
	$(C_SOURCES) | xargs -0 -r clang-format -i

figures: setup
	python -m stages.summary README.md

bench: setup
	python -m squeezenet_lib.bench

bench-train: setup
	python -m squeezenet_lib.bench_train

# A finding is left in build/fuzz, and so is the corpus: the next run goes on from there.
FUZZ_SECONDS ?= 1800
FUZZ_FLAGS := -std=gnu11 -g -O1 -Wall -Wextra -Werror -fno-sanitize-recover=all -Iesp32_pio/lib/squeeze_rt/src
fuzz: setup
	mkdir -p build/fuzz/corpus
	python -m tests.fuzz_seeds build/fuzz/seeds
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined -o build/fuzz/fuzz_sqz \
	  tests/c/fuzz_sqz.c tests/c/mutate_sqz.c esp32_pio/lib/squeeze_rt/src/*.c
	build/fuzz/fuzz_sqz build/fuzz/corpus build/fuzz/seeds tests/fuzz_corpus -max_len=12288 -timeout=10 \
	  -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/ -print_final_stats=1

setup: $(READY)
setup-site: $(READY)-site
setup-test: $(READY)-test

# An existing environment keeps its interpreter; when a pin changes it is brought up to date.
$(READY): requirements.txt setup/debian.sh
	@[ -n '$(PYTHON)' ] || setup/python.sh
	@setup/debian.sh '$(PYTHON)'
	@[ -x $(VENV)/bin/python ] || '$(PYTHON)' -m venv $(VENV)
	@echo 'Installing Python packages into $(VENV) (2.7 GB, a few minutes) ...'
	@$(VENV)/bin/python -m pip install --disable-pip-version-check --quiet --requirement requirements.txt
	@touch $@

# What only the web page and its tests need; pip installs the same for all.
$(READY)-site $(READY)-test: $(READY)-%: $(READY) setup/debian.sh
	@setup/debian.sh $(VENV)/bin/python $*
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .mypy_cache data models build esp32_pio/.pio site/node_modules .dvc/tmp
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
