# Everything that people and machines run. `make` alone lists the targets.
# Needs Python 3.11 or later with its venv module, and this make; nothing else but a package registry at set-up.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Where this is set, each of the many processes of a run or a test would compile our modules anew, two seconds each time.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
PY := $(VENV)/bin/python
RUN_READY := $(VENV)/run.ready
DEV_READY := $(VENV)/dev.ready

# Given on the command line: make run PORT_BASE=8700 BUS=kafka
PORT_BASE ?=
BUS ?= embedded
PYTEST ?=
# Two test processes more than cores: many tests wait for a service rather than for a core.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)

PIP := $(PY) -m pip --disable-pip-version-check --quiet --no-input

# A .venv that was copied or moved with its folder still points at the old place, so it is made again.
HOME_OF_VENV := $(shell cat $(VENV)/home 2>/dev/null)
ifneq ($(or $(HOME_OF_VENV),$(CURDIR)),$(CURDIR))
STALE := stale
endif

.PHONY: help setup run test test-kafka check lock schemas bench eval clean stale console console-check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  make run PORT_BASE=8700   other ports (8700, 8710, 8720); make run BUS=kafka   on Apache Kafka"

setup: ## make .venv with everything that run and test need (the second time: nothing to do)
	@$(MAKE) -j2 $(DEV_READY) $(VENV)/gazetteer.ready
	@echo "set up: $(VENV) is ready"

$(PY): $(STALE)
	@python=; for name in "$(PYTHON)" python3 python3.13 python3.12 python3.11; do \
	  if [ -n "$$name" ] && "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "tocsin needs Python 3.11 or later; found $$(python3 --version 2>&1 | head -n 1). Install one, or name it: make setup PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
	if ! "$$python" -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "$$python has no venv module; install it (on Debian and Ubuntu: apt-get install python3-venv)" >&2; exit 1; fi; \
	echo "making $(VENV) with $$("$$python" --version)"; \
	rm -rf $(VENV) && "$$python" -m venv $(VENV) && printf '%s' "$(CURDIR)" > $(VENV)/home

$(RUN_READY): requirements/run.txt pyproject.toml | $(PY)
	@echo "installing what the services need (one to five minutes, once)"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_READY): requirements/dev.txt $(RUN_READY)
	@echo "installing what the tests need"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/gazetteer.ready: $(RUN_READY) $(wildcard services/extractor/gazetteer*.py) services/extractor/core/place_names.py services/extractor/data/regions.yaml
	@echo "building the gazetteer (half a minute, once)"
	@$(PY) -m services.extractor.gazetteer
	@touch $@

run: $(RUN_READY) $(VENV)/gazetteer.ready ## start everything, feed the sample reports, show the situation; Ctrl-C stops it
	@trap : INT; TOCSIN_CLI_PORT_BASE="$(or $(PORT_BASE),$(TOCSIN_CLI_PORT_BASE),8600)" $(PY) -m services.cli up --bus $(BUS)

test: ## check, then run every test that needs no server outside this folder
	@$(MAKE) -j2 check $(VENV)/gazetteer.ready
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal $(PYTEST)

test-kafka: $(DEV_READY) $(VENV)/gazetteer.ready ## run the tests that need Apache Kafka, started here from its Maven Central jars (Java 17, Maven)
	@TOCSIN_TEST_APACHE=1 $(PY) -m pytest -m apache $(PYTEST)

check: $(DEV_READY) ## ruff, mypy --strict, import-linter
	@$(VENV)/bin/ruff check -q --no-cache . && $(VENV)/bin/ruff format -q --no-cache --check . && echo "ruff: clean"
	@$(PY) -m mypy --no-error-summary && echo "mypy --strict: clean"
	@$(VENV)/bin/lint-imports --no-logo

schemas: $(RUN_READY) ## write shared/contracts/ (JSON Schemas) from the models again
	@$(PY) -m shared.contracts

lock: $(DEV_READY) ## resolve requirements/*.txt again: every platform, with hashes, no index address
	@for set in run dev; do \
	  extra=; [ $$set = dev ] && extra="--extra dev"; \
	  UV_CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url $$extra pyproject.toml -o requirements/$$set.txt || exit 1; \
	done

bench: $(DEV_READY) $(VENV)/gazetteer.ready ## measure throughput and latency beside a bare aiokafka loop (figures, no verdict)
	@$(PY) -m pytest tests/bench/bench_*.py -s -q -p no:xdist $(PYTEST)

eval: $(RUN_READY) $(VENV)/gazetteer.ready ## score the extractor on our reference reports: tables and misses (EVAL="--misses 20")
	@$(PY) -m tests.golden.evaluate $(EVAL)

console: console/node_modules/ready ## build the console's page into services/projection/console/ (Node 20 or later, npm)
	@cd console && npm run --silent build

console-check: console/node_modules/ready ## prove that the committed page is what its source builds
	@cd console && npm run --silent check && rm -rf node_modules/built && \
	  npx vite build --logLevel warn --outDir node_modules/built && \
	  diff -r node_modules/built ../services/projection/console && echo "console: the committed build is current"

console/node_modules/ready: console/package.json console/package-lock.json
	@command -v npm >/dev/null || { echo "the console is built with npm, which is not here (on Debian and Ubuntu: apt-get install npm)" >&2; exit 1; }
	@cd console && npm ci --no-fund --no-audit --loglevel=error && touch node_modules/ready

clean: ## remove ./var (the log and the read models!) and the caches; .venv stays
	@rm -rf var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "removed ./var and the caches"

stale:
