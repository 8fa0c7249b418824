# Two commands matter: `make demo` and `make test`. Both make the environment (.venv) themselves.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
EXTRAS := dev,notebooks,agent,keyring,forges,postgresql
PYTEST_WORKERS ?= 2

.PHONY: help demo test check unit acceptance bench bench-campaign compare-pyupgrade shelf bench-turns docs clean

help:
	@echo "make demo        the main job on sample repositories (no network, key or Docker needed once installed)"
	@echo "make test        checks, unit tests, and the acceptance tests on real projects in CI (CI=true)"
	@echo "make acceptance  real projects from the package index"
	@echo "make bench       benchmark beside other tools; writes artifacts/bench.json"
	@echo "make bench-campaign  100 repositories, beside a plain loop and killed 10 times; CAMPAIGN='--repositories 1000' for more"
	@echo "make compare-pyupgrade  modernize-syntax beside pyupgrade and ruff on 500 files; writes docs/pyupgrade.md"
	@echo "make shelf           every recipe on real projects with their tests; writes docs/shelf.md, only what it lacks"
	@echo "make bench-turns     the agent's turns beside the Codex CLI's; TURNS='--turns 50' for more"
	@echo "make docs        write docs/recipes.md from the recipes"

# uv where it is there, venv and pip where it is not; both take the same constraints.
# uv leaves compiling to the first import, which with PYTHONDONTWRITEBYTECODE is each one: twice the time of a command.
$(READY): pyproject.toml constraints.txt
	@echo "== making the environment in $(VENV)"
	@if command -v uv >/dev/null 2>&1; then \
	  echo "   with uv"; \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[$(EXTRAS)]' && \
	  $(BIN)/python -m compileall -q -j 0 $(VENV)/lib; \
	else \
	  echo "   with venv and pip (uv would be faster); this takes a minute or two"; \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[$(EXTRAS)]'; \
	fi
	@touch $(READY)
	@echo "== the environment is ready: $(BIN)/overhaul"

demo: $(READY)
	@$(BIN)/overhaul demo --yes

check: $(READY)
	@echo "== ruff, mypy, import-linter"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@MYPYPATH=src $(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

unit: $(READY)
	@echo "== unit tests, and those with a Prefect server: each worker has its own"
	@$(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadfile --durations 20 -m "not acceptance and not docker"
	@echo "== tests that share the Docker engine, one after the other"
	@$(BIN)/pytest --durations 10 -m "not acceptance and docker"

acceptance: $(READY)
	@echo "== acceptance tests: real projects from the package index"
	@$(BIN)/pytest -n $(PYTEST_WORKERS) --durations 20 -m acceptance

# The acceptance tests need the package index and some minutes: in CI they are part of the tests.
test: check unit $(if $(CI),acceptance)

bench: $(READY)
	@if command -v uv >/dev/null 2>&1; then uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[bench]'; \
	else $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[bench]'; fi
	@$(BIN)/python tests/benchmarks/bench.py
	@$(BIN)/python tests/benchmarks/sandbox_bench.py

compare-pyupgrade: $(READY)
	@if command -v uv >/dev/null 2>&1; then uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[bench]'; \
	else $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[bench]'; fi
	@$(BIN)/python tests/benchmarks/pyupgrade_comparison.py

shelf: $(READY)
	@$(BIN)/python tests/benchmarks/shelf_survey.py

CAMPAIGN ?= --repositories 100 --kill 10
bench-campaign: $(READY)
	@$(BIN)/python tests/benchmarks/campaign_bench.py $(CAMPAIGN)

# Beside the Codex CLI, which npm installs: how long a turn takes in which nothing is done.
TURNS ?= --turns 20 --rounds 3
bench-turns: $(READY)
	@$(BIN)/python tests/benchmarks/turn_bench.py $(TURNS)

docs: $(READY)
	@$(BIN)/python -m overhaul.refactors.documentation
	@$(BIN)/python -m overhaul.sandbox.guarantees

clean:
	rm -rf $(VENV) build dist artifacts
