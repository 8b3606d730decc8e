# Two commands: `make demo` and `make test`. Everything they need they make themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: help setup setup-dev system demo test lint types contracts unit docs wheel bench bench-quick lock clean

help:
	@echo "make demo   simulate a small study, run the whole pipeline, print where the reports are"
	@echo "make test   lint, types, import contracts, tests, docs, wheel"
	@echo "make setup  only make $(BIN)/arteriole"
	@echo "make bench  accuracy and speed tables of benchmarks/"

setup: $(VENV)/.core

$(VENV)/.core: requirements/core.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v >= (3, 11) or sys.exit(f"arteriole needs Python 3.11 or later, this is {v[0]}.{v[1]}")'
	@$(PYTHON) -m venv $(VENV) || { echo "Install the venv module first: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/core.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup-dev: $(VENV)/.dev

$(VENV)/.dev: $(VENV)/.core requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# The browser that looks at the reports; without it those tests skip and say how to install it.
system:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
	  || echo "chromium is not there; its tests will skip. Install it: apt-get install chromium"

demo: setup
	$(BIN)/arteriole demo demo

test: setup-dev system lint types contracts unit docs wheel

lint: setup-dev
	$(BIN)/ruff check src tests benchmarks examples training docs
	$(BIN)/ruff format --check src tests benchmarks examples training docs

types: setup-dev
	$(BIN)/mypy

contracts: setup-dev
	$(BIN)/lint-imports --no-cache

unit: setup-dev
	$(BIN)/pytest -n $(JOBS) --dist loadfile

docs: setup-dev
	$(BIN)/sphinx-build -W -q -b html docs docs/_build/html
	@echo "docs: docs/_build/html/index.html"

wheel: setup-dev
	bash .ci/wheel $(BIN)/python

bench: setup-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(BIN)/python benchmarks/run_all.py

bench-quick: setup-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(BIN)/python benchmarks/run_all.py --quick

lock:
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --group build -o requirements/core.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --group build --group dev -c requirements/core.txt -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --group build --group bench -c requirements/core.txt -o requirements/bench.txt

clean:
	rm -rf $(VENV) build dist demo docs/_build .mypy_cache .ruff_cache .pytest_cache
