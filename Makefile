# A machine with python3 (3.11 or newer), git and make needs two commands:
#   make demo     a demo shop, from files to segments to a report, and its page in the browser
#   make test     everything that proves it works
# `make bench-NAME` runs benchmarks/bench_NAME.py (- for _), such as bench-startup.
# Packages go into .venv and are installed again only when pyproject.toml changes.

PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/.ready
ENGINES := .venv/.engines
PEERS  := .venv/.peers
PYTEST := $(BIN)/pytest -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help ui test-browser proof-kill proof-lists proof-refresh proof-identity proof-erasure proof-catalogue proof-discovery proof-differential proof-bugs proof-intervals demo test check lint reference wheel clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(READY)  ## set up, make a demo shop in demo/, print its segments, and open its page
	@$(BIN)/python hatch_build.py || true
	@$(BIN)/tesela demo --dir demo

ui: $(READY)  ## build the web page, if its source in ui/ is newer
	@$(BIN)/python hatch_build.py

test: $(READY) $(ENGINES)  ## set up and run all tests
	@$(BIN)/python hatch_build.py || true
	@sh tools/debian_packages.sh
	@$(PYTEST)

test-browser: $(READY)  ## all the page's stories and looks, in Chromium (ten minutes)
	@sh tools/debian_packages.sh
	@$(BIN)/python hatch_build.py
	@$(PYTEST) tests/doors/test_page_stories.py tests/doors/test_page_looks.py

check: lint $(ENGINES)  ## the quick gate: format, lint, types, layers, fast tests
	@$(BIN)/python hatch_build.py || true
	@$(PYTEST) -m 'not slow'

lint: $(READY) $(ENGINES)  ## format, lint, types and layers, without tests
	@$(BIN)/ruff format --check --quiet || { echo "Run: $(BIN)/ruff format"; exit 1; }
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

reference: $(READY)  ## write docs/reference again from the code
	@$(BIN)/python tools/reference.py

bench-%: $(READY) $(ENGINES) $(PEERS)
	@$(BIN)/python benchmarks/bench_$(subst -,_,$*).py

proof-kill: $(READY)  ## kill an import at two hundred points (half an hour)
	@TESELA_KILLS=200 $(BIN)/pytest tests/flows/test_killed_imports.py -k killed_at

# how the engine is asked, how many rules, and which of the random runs
ENGINE ?= duckdb
RULES  ?= 10000
SEED   ?= 1

proof-differential: $(READY) $(ENGINES)  ## ENGINE against the naive interpreter: RULES random rules (minutes to an hour)
	@$(BIN)/python tests/oracles/differential.py --engine $(ENGINE) --rules $(RULES) --seed $(SEED)

proof-bugs: $(READY)  ## plant bugs in the compiler: the tests find each (half an hour)
	@$(BIN)/python tests/oracles/planted_bugs.py

proof-lists: $(READY) $(ENGINES)  ## both lists of the benchmarks on real shops: the same members on all engines
	@TESELA_LISTS=1 $(BIN)/pytest tests/engines/test_same_members.py -k published

proof-refresh: $(READY)  ## refresh five thousand random histories by parts and whole; kill a hundred refreshes (hours)
	@TESELA_HISTORIES=5000 $(BIN)/pytest tests/rooms/segments/test_incremental.py
	@TESELA_KILLS=100 $(BIN)/pytest tests/flows/test_killed_refreshes.py

proof-identity: $(READY)  ## a hundred thousand imports, merges, unmerges, undos and consents against the plain oracle (an hour)
	@TESELA_STEPS=100000 $(BIN)/pytest tests/rooms/profiles/test_histories.py

proof-erasure: $(READY)  ## kill an erasure, and retention, before everything they do to the disk; search every byte (an hour)
	@TESELA_KILLS=100000 $(BIN)/pytest tests/flows/test_killed_erasures.py tests/flows/test_retention.py

proof-catalogue: $(READY)  ## every rule of the catalogue on the real data sets (minutes)
	@$(BIN)/pytest tests/flows/test_catalogue_on_real_data.py

proof-discovery: $(READY)  ## discovery on groups drawn at random, and on planted rules (half an hour)
	@$(BIN)/python benchmarks/shuffles.py

proof-intervals: $(READY)  ## how often the intervals of KPIs hold the truth: the table of docs/results (ten minutes)
	@$(BIN)/python benchmarks/intervals.py

wheel: $(READY)  ## wheel and sdist in dist/
	@$(BIN)/python -m build --installer uv --outdir dist .

clean:  ## remove what these commands made
	rm -rf .venv build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml tools/set_up.sh
	@PYTHON=$(PYTHON) sh tools/set_up.sh
	@touch $@

$(ENGINES): $(READY)
	@sh tools/add_group.sh engines
	@touch $@

$(PEERS): $(READY)
	@sh tools/add_group.sh peers
	@touch $@
