# The only home of each command. `make demo` from a fresh clone needs Python 3.11+ and make, nothing else.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PLAINSPOKEN_DATA ?= $(CURDIR)/.data
export PYTHONWARNINGS ?= ignore::DeprecationWarning
NPM := $(shell command -v npm 2>/dev/null || echo $(CURDIR)/$(BIN)/npm)

.PHONY: demo run up test check bench survive lock install front models browser format clean docs screenshots

demo: install front  ## run the main job: a contact centre, governed from arrival to erasure, and proved
	$(BIN)/plainspoken demo run

run: install front  ## serve the same organisation at http://localhost:8000
	$(BIN)/plainspoken demo serve

up: install front  ## serve whatever organisation is set up (see `plainspoken init`)
	$(BIN)/plainspoken up

install: .venv/ready

.venv/ready: requirements/dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

front: node_modules/.ready  ## front-end packages, icons and trimmed styles
	$(BIN)/python scripts/build_front.py

node_modules/.ready: package.json package-lock.json | install
	PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

browser: install  ## find or install a Chromium for the tests
	$(BIN)/python scripts/find_browser.py

# Three workers on two cores: much of the time a test waits for a job, a mail or a page.
test: install front browser  ## every test, a real browser included
	$(BIN)/pytest -q -n 3 --dist loadscope

check: install front  ## style, types, layers, templates, migrations, generated documents, licences
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_templates.py
	$(BIN)/python scripts/check_project.py

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: install  ## write the generated documents anew
	$(BIN)/python scripts/check_project.py --write

bench: install front  ## measure against raw baselines in the same run
	$(BIN)/python -m benchmarks

survive: install  ## 10,000 short calls wait while the worker is killed five times: none lost, none double
	$(BIN)/python -m benchmarks.surviving 10000 --kills 5

screenshots: install front browser
	$(BIN)/pytest -q tests/journeys

lock: install  ## lock requirements with hashes
	$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links requirements/base.in -o requirements/base.txt
	$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links -c requirements/base.txt requirements/dev.in -o requirements/dev.txt

clean:  ## remove what was made here, the database of .data included (as root it may lie elsewhere)
	test ! -e .data/postgres.json || $(BIN)/python -c "from pathlib import Path; from plainspoken.adapters import postgres; postgres.remove(data=Path('$(CURDIR)/.data'))"
	rm -rf .venv node_modules src/plainspoken/ui/static/vendor .data
