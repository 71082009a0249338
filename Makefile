# Two commands: `make run` and `make test`. Both set up all they need, once, with pip's progress shown.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run dev test check drill lock clean

help: ## List the commands.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

run: $(VENV)/.runtime ## Start the whole platform; Ctrl-C stops it.
	@$(BIN)/hangarstack up

dev: $(VENV)/.development ## Install what tests, drills and benchmarks need.

test: $(VENV)/.development ## Run every check and every test.
	@$(BIN)/python -m tests.support.browser_setup
	@$(BIN)/python -m tests.support.second_registry
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

drill: $(VENV)/.development ## Break every part under load for half an hour and compare totals; see docs/drills.md.
	@$(BIN)/python -m drills --write

check: $(VENV)/.development ## Run the static checks alone.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hangarstack contracts lint
	$(BIN)/hangarstack contracts check
	$(BIN)/hangarstack contracts generate --check
	$(BIN)/hangarstack data validate

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; run make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

# A stamp each, so that a second `make run` starts at once.
$(VENV)/.runtime: requirements.lock setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

lock: $(VENV)/.development ## Pin the newest versions that setup.cfg allows, with hashes.
	$(BIN)/uv pip compile -q --universal --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate setup.cfg -o requirements.lock
	$(BIN)/uv pip compile -q --universal --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra tracing setup.cfg -o requirements-tracing.lock
	$(BIN)/uv pip compile -q --universal --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev setup.cfg -o requirements-dev.lock

clean: ## Remove the state, the environment and the caches.
	rm -rf $(VENV) .hangarstack .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
