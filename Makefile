# Every target is explained by `make help`. A recipe line is one command; what takes more is a
# script in scripts/. Nothing is installed outside this folder, except system packages, by root.

UV := scripts/uv
RUN := $(UV) run --no-sync
PACKS := deploy/districts/demo

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup check test test-fast coverage schemas demo demo-once cluster cluster-down screenshots bench-latency bench-throughput bench-board bench-506 bench-scale failures simulate ci

help: ## Show what one can do here
	@scripts/help $(MAKEFILE_LIST)

setup: ## Make .venv with everything that work on the project needs
	$(UV) sync --frozen

check: setup ## Format, lint, types, layers, spelling, generated files, district packs
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	$(RUN) mypy scripts
	$(RUN) lint-imports
	$(RUN) codespell
	$(RUN) interrogate tests/acceptance tests/properties
	$(RUN) python scripts/generate_schemas.py --check
	$(RUN) python -m scripts.generate_api_docs --check
	$(RUN) jiaoying check $(PACKS)

test: setup ## Everything there is to test on this machine
	$(RUN) python scripts/system_packages.py
	$(RUN) pytest --numprocesses=3 --dist=loadgroup

coverage: setup ## The unit and property tests, with the lines that they do not run
	$(RUN) pytest --numprocesses=2 --cov --cov-report=term:skip-covered tests/unit tests/properties

test-fast: setup ## Unit and property tests only: seconds
	$(RUN) pytest --numprocesses=2 tests/unit tests/properties

schemas: setup ## Write schemas/json and docs/api anew after a record or a call has changed
	$(RUN) python scripts/generate_schemas.py
	$(RUN) python -m scripts.generate_api_docs

demo: ## A night in the demo district, in the browser (PORT=8080)
	@$(UV) sync --frozen --no-dev --inexact
	@.venv/bin/jiaoying demo $(if $(PORT),--port $(PORT))

demo-once: ## The same night headless, at once; its last line is JSON
	@$(UV) sync --frozen --no-dev --inexact
	@.venv/bin/jiaoying demo --once

cluster: setup ## The distributed mode on this machine: Kafka, Redis, every service (PACK= NODES=3)
	@$(RUN) python -m deploy.local.cluster up $(if $(PACK),--pack $(PACK)) $(if $(NODES),--nodes $(NODES))

cluster-down: setup ## End what `make cluster` started; its data stays in .cluster/
	@$(RUN) python -m deploy.local.cluster down

bench-latency: setup ## From a reading to the ring, beside Alertmanager; its last line is JSON
	@$(RUN) python -m bench.latency

bench-throughput: setup ## Readings a second from HTTP bodies to decisions; its last line is JSON
	@$(RUN) python -m bench.throughput

bench-506: setup ## 506 people called in three minutes, the process killed on the way; its last line is JSON
	@$(RUN) python -m bench.callout_506

bench-board: setup ## An update's way to the page with 2,000 people in callouts; its last line is JSON
	@$(RUN) python -m bench.board

simulate: setup ## Nights full of faults, by their seeds (SEEDS=500 MINUTES=; SEED=7 KEEP= tells one); its last line is JSON
	@PYTHONHASHSEED=0 $(RUN) python -m tests.simulation $(if $(SEEDS),--seeds $(SEEDS)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep $(KEEP))

failures: export REQUIRE_SERVERS := 1
failures: setup ## Whatever can fail in the distributed mode fails while 506 are called; a line of JSON for each night
	@$(RUN) pytest -q -p no:randomly -m servers tests/resilience/cluster

bench-scale: setup ## 100,000 open chains: memory, starts used, restart; its last line is JSON
	@$(RUN) python -m bench.scale

screenshots: setup ## docs/screenshots anew, from the middle of the demo's night
	$(RUN) python -m tests.browser.screenshots

ci: export REQUIRE_SERVERS := 1
ci: export KILL_MOMENTS := 20
ci: export HYPOTHESIS_PROFILE := ci
# About three minutes of nights, and the same ones each time: a gate that tries others on a faster
# day turns red by itself. Further seeds are for `make simulate SEEDS=n`.
ci: export SEEDS := 1500
ci: check test simulate ## check, test and simulate as the gate runs them: nothing skipped, more kills
