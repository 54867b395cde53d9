# 督办: the two commands of the README are `make demo` and `make test`; the rest is for whoever works on it.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
WORKERS ?= 2

.PHONY: help setup setup-dev fonts demo serve test check format bench soak dist clean

help:            ## what can be asked
	@grep -E '^[a-z-]+: .*##|^[a-z-]+: +##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

setup:           ## everything the product needs: packages, fonts, pages' assets, texts
	@scripts/setup.sh

setup-dev:       ## the same and what tests and checks need
	@scripts/setup.sh dev

fonts: setup     ## build the letters' faces anew after licensed ones were dropped into their folder
	@$(PYTHON) -m notices.fonts

demo: setup      ## set up, migrate, load the demo, serve on 127.0.0.1:8000 (or DUBAN_PORT)
	@DEMO=1 $(PYTHON) -m flask --app app demo serve

serve: setup     ## web and jobs on one machine, with real accounts
	@$(PYTHON) -m flask --app app serve

test: setup-dev  ## set up and run every test, on SQLite and PostgreSQL and in Chromium
	@$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal -m "not soak"

soak: setup-dev  ## the long runs: hundreds of kills, long races
	@$(PYTHON) -m pytest -m soak

check: setup-dev ## format, lint, strict types, import contracts, templates, maps; no tests
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-cache
	@.venv/bin/djlint web/templates notices/templates --lint --quiet
	@$(PYTHON) -m flask --app app maps lint bpmn/*.bpmn

format:          ## put the code into shape
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m ruff check --fix .

bench: setup-dev ## the work of docs/performance.md beside the floor, as ratios
	@$(PYTHON) -m bench
	@$(PYTHON) -m bench.papers

dist: setup      ## an offline bundle for an intranet: wheels, built assets, fonts, the tree
	@scripts/dist.sh

clean:           ## take away what can be made again
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
