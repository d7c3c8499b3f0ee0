.DEFAULT_GOAL := help
.PHONY: help setup demo test test-engines unit stories real docs bench-guard style lint format bench

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# starting Python tools costs more than the small data: compiled files are wanted
unexport PYTHONDONTWRITEBYTECODE

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-12s %s\n", $$1, $$2}'

setup: $(INSTALLED) ## Prepare .venv from the lock, once

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	@echo "Preparing $(VENV), once; this takes some minutes"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib orchestration expectations >/dev/null || true
	@touch $@

demo: $(INSTALLED) ## Build the sample organisation and publish its scorecard
	@$(BIN)/steelyard demo

test: style ## Run everything that CI runs
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-engines: $(INSTALLED) ## Publish the sample on PostgreSQL and Spark and compare it with DuckDB's (half an hour to an hour); installs both as root
	@lacking=; command -v java >/dev/null || lacking=openjdk-17-jre-headless; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || lacking="$$lacking postgresql"; \
	[ -z "$$lacking" ] || { apt-get update -q && apt-get install -q -y --no-install-recommends $$lacking; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[spark]'
	@STEELYARD_FORBID_SKIPS=postgres,spark $(BIN)/python -m pytest -q -m 'not slow or spark' tests/engines

unit: $(INSTALLED) ## Run the tests that need no warehouse (seconds)
	@$(BIN)/python -m pytest -q tests/unit

stories: $(INSTALLED) ## Count over 20 seeds how often each planted story is told (many minutes)
	@$(BIN)/python -m pytest -q -m slow tests/stories

real: $(INSTALLED) ## Publish a workspace over the real exports in STEELYARD_REAL_DATA
	@$(BIN)/steelyard real

bench: $(INSTALLED) ## Race a refresh against the hand-written SQL in STEELYARD_FLOOR, EVENTS=1e6 (1e7, 1e8), HISTORIES=1, PEERS=1
	@$(BIN)/python -m bench.scale.run --events $(or $(EVENTS),1e6) --increment $(if $(HISTORIES),--histories) $(if $(PEERS),--peers)

docs: $(INSTALLED) ## Write docs/metrics.md and docs/registry.md anew from seeds and schemas
	@$(BIN)/python -m orchestration.registry.document

bench-guard: $(INSTALLED) ## Plant defects and write docs/guard-benchmark.md (two processes, half an hour; can be stopped and resumed)
	@$(BIN)/python -m bench.guard

style: $(INSTALLED) ## Check style; changes nothing
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models

lint: style ## Check style and types; changes nothing
	@$(BIN)/pyright

format: $(INSTALLED) ## Bring files into the project's style
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .
