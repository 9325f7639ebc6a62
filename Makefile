# Every target works as the first command in a fresh clone: what it needs is made by `setup`, once.
SHELL := /bin/bash
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test fuzz complaints faults lint format bench bench-check

help:
	@echo "make demo    try it: a local Slack workspace in your browser (DEMO_ARGS=--once: one hunt, then stop)"
	@echo "make test    run every test"
	@echo "make fuzz    the tests that draw what they try, for FUZZ_SECONDS=600 and with another seed each round"
	@echo "make complaints  what users of other tools complain of, and the test that holds each"
	@echo "make faults  kill the bot a thousand times and count what was lost or doubled (see docs/faults.md)"
	@echo "make lint    ruff, mypy --strict, the directions of the imports"
	@echo "make bench   what is fast, and whether it stays so (BENCH_ARGS=archives: one part; see docs/bench.md)"
	@echo "make bench-check  whether searches of archives are as fast as bench/targets.toml demands"
	@echo "make setup   only build $(VENV)"

setup: $(READY)

$(READY): requirements-dev.txt pyproject.toml tools/make-venv
	@tools/make-venv $(VENV)
	@touch $@

demo: $(READY)
	@$(BIN)/huntbot demo $(DEMO_ARGS)

test: $(READY)
	@tools/find-chromium
	$(BIN)/pytest --numprocesses auto $(TEST_ARGS)

FUZZ_SECONDS ?= 600

fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

complaints: $(READY)
	@$(BIN)/python -m tests.complaints

# POINTS=all|half|few, DB=sqlite,postgres, CAMPAIGN=whole|small|none: see docs/faults.md
POINTS ?= all
DB ?= sqlite,postgres
CAMPAIGN ?= whole

faults: $(READY)
	$(BIN)/python -m tests.faults --points $(POINTS) --db $(DB) --campaign $(CAMPAIGN) $(FAULTS_ARGS)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# On a PostgreSQL as well, the one that the tests start
bench: $(READY)
	$(BIN)/python -m tests.postgres $(BIN)/python -m bench --postgres {} $(BENCH_ARGS)

# RUN=artifacts/bench/archives.json: of a run that was made before
RUN ?=

bench-check: $(READY)
	$(if $(RUN),,$(BIN)/python -m bench archives $(BENCH_ARGS))
	$(BIN)/python -m bench.targets $(RUN)
