# Two commands matter: `make demo` and `make test`. Both set everything up first, once.

SHELL := /bin/bash
PYTHON ?= $(shell setup/python.sh 2>/dev/null)
VENV := .venv
READY := $(VENV)/ready
# Stages run `python`: the environment's. dvc's and PlatformIO's tools are found there too.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help demo flash site frontier learning-curve test test-full lint format figures bench bench-train fuzz \
  setup setup-site setup-test repository chip clean

help:
	@echo 'make demo       set up, then run the whole pipeline on solar-cell pictures; ends with a summary'
	@echo 'make flash      write the image to the board on PORT=/dev/ttyUSB0 (the only USB port)'
	@echo 'make site       make the web page of the last run, build/site: its story, installing, talking to a board;'
	@echo '                CHIPS='\''esp32 esp32c3'\'' makes it install images for several chips'
	@echo 'make frontier   run the sweep of params.yaml in DVC'\''s queue, JOBS at a time (1), and draw it'
	@echo 'make learning-curve  train with more and more pictures in DVC'\''s queue, JOBS at a time: would more help?'
	@echo 'make test       set up, then lint and test'
	@echo 'make test-full  the same with the tests that take minutes each'
	@echo 'make format     format Python and C sources'
	@echo 'make figures    write the figures of metrics/ into README.md and docs/'
	@echo 'make bench      count instructions of random models in an emulator, beside TFLM'\''s'
	@echo 'make bench-train  train on random pictures, and on batches already in RAM: what the input costs'
	@echo 'make fuzz       damage models for FUZZ_SECONDS (1800): the runtime must never leave its memory'
	@echo 'make clean      remove the environment, caches and builds; DVC'\''s cache of results stays'

demo: setup
	dvc repro
	@python -m stages.summary

flash: setup
	@python -m squeezenet_lib flash --port '$(PORT)'

CHIPS ?=
site: setup-site chip
	python -m stages.site $(CHIPS)

JOBS ?= 1
frontier: setup
	python -m stages.frontier --jobs $(JOBS)
	@python -m stages.summary

learning-curve: setup
	python -m stages.learning_curve --jobs $(JOBS)

# A worker for each core and one more, for tests that wait; each takes file after file, in the order of
# tests/conftest.py.
WORKERS := $(shell echo $$(($$(nproc) + 1)))
PYTEST := pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

test: lint
	$(PYTEST)

test-full: lint
	$(PYTEST) -m 'full or not full'

C_SOURCES = find esp32_pio tests/c -name .pio -prune -o \( -name '*.c' -o -name '*.cc' -o -name '*.h' \) -print0

lint: setup-test site/node_modules/.package-lock.json
	ruff check .
	ruff format --check .
	mypy
	npm --prefix site run --silent check
	$(C_SOURCES) | xargs -0 -r clang-format --dry-run -Werror

format: setup
	ruff check --fix .
	ruff format .
	$(C_SOURCES) | xargs -0 -r clang-format -i

figures: setup
	python -m stages.summary README.md docs/*.md
	python -m tests.support.house CONTRIBUTING.md

bench: setup
	@setup/debian.sh $(VENV)/bin/python esp32c3
	python -m squeezenet_lib bench

bench-train: setup
	python -m squeezenet_lib bench-train

# A finding is left in build/fuzz, and so is the corpus: the next run goes on from there.
FUZZ_SECONDS ?= 1800
FUZZ_FLAGS := -std=gnu11 -g -O1 -Wall -Wextra -Werror -fno-sanitize-recover=all -Iesp32_pio/lib/squeeze_rt/src
fuzz: setup
	mkdir -p build/fuzz/corpus
	python -m tests.support.fuzz_seeds build/fuzz/seeds
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined -o build/fuzz/fuzz_sqz \
	  tests/c/fuzz_sqz.c tests/c/mutate_sqz.c tests/c/sqz_fields.c esp32_pio/lib/squeeze_rt/src/*.c
	build/fuzz/fuzz_sqz build/fuzz/corpus build/fuzz/seeds tests/fuzz_corpus -max_len=12288 -timeout=10 \
	  -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/ -print_final_stats=1

setup: $(READY) repository chip
setup-site: $(READY)-site repository
setup-test: $(READY)-test repository
# The compiler of an ESP32-C3, for who has chosen one in params.yaml or for the page.
chip: $(READY)
	@case " $(CHIPS) $$(sed -n 's/^ *env: *\([a-z0-9]*\).*/\1/p' params.yaml) " in \
	  *' esp32c3 '*) setup/debian.sh $(VENV)/bin/python esp32c3 ;; esac
repository: $(READY)
	@setup/scm.sh

# An existing environment keeps its interpreter; when a pin changes it is brought up to date.
$(READY): requirements.txt setup/debian.sh setup/squeezenet-esp32
	@[ -n '$(PYTHON)' ] || setup/python.sh
	@setup/debian.sh '$(PYTHON)'
	@[ -x $(VENV)/bin/python ] || '$(PYTHON)' -m venv $(VENV)
	@echo 'Installing Python packages into $(VENV) (2.7 GB, a few minutes) ...'
	@$(VENV)/bin/python -m pip install --disable-pip-version-check --quiet --requirement requirements.txt
	@printf '#!/bin/sh\nexec "%s/bin/python" "%s/setup/squeezenet-esp32" "$$@"\n' '$(CURDIR)/$(VENV)' '$(CURDIR)' \
	  >$(VENV)/bin/squeezenet-esp32 && chmod +x $(VENV)/bin/squeezenet-esp32
	@touch $@

# What only the web page and its tests need; pip installs the same for all.
$(READY)-site $(READY)-test: $(READY)-%: $(READY) setup/debian.sh
	@setup/debian.sh $(VENV)/bin/python $*
	@touch $@

# npm writes it last.
site/node_modules/.package-lock.json: site/package-lock.json | setup-test
	npm --prefix site ci --no-progress --loglevel=error
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .mypy_cache data models build esp32_pio/.pio site/node_modules .dvc/tmp
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
