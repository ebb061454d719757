# Relais. Works with GNU make 4 and with the make 3.81 that macOS ships.

PORT ?= 8000
WORKERS ?= 2
export PORT
# Never fetch an interpreter behind the operator's back.
export UV_PYTHON_DOWNLOADS = never

BIN := .venv/bin
PYTHON_CODE = exec $(BIN)/python
READY := .venv/.relais-ready
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.PHONY: help setup run demo test test-keycloak check fmt bench contracts migration migrate sbom alone clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## Fetch uv if it is missing and install everything the lock lists
	@echo "Ready: make run"

run: $(READY) ## Start all five services with a real PostgreSQL and a real Kafka (PORT=8000, SERVICES="cases intake")
	@$(PYTHON_CODE) -m services run

demo: $(READY) ## Start everything and walk the main road with made-up people
	@$(PYTHON_CODE) -m services demo

test: $(READY) ## Run all the tests on two processes (ARGS="-k closing" to choose, WORKERS=0 for one)
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

test-keycloak: $(READY) ## The same tests with the tokens of a real Keycloak (160 MB the first time)
	@exec $(BIN)/python -m tests.outside.keycloak -n $(WORKERS) --dist loadfile $(ARGS)

check: $(READY) ## Format, lint, types, borders, contracts, lock, security, secrets, advisories; changes nothing
	@failed=; \
	unchecked=; \
	step() { \
		printf '\n== %s\n' "$$*"; "$$@"; code=$$?; \
		if [ $$code = 75 ]; then unchecked="$$unchecked\n  $$*"; elif [ $$code != 0 ]; then failed="$$failed\n  $$*"; fi; \
	}; \
	step $(BIN)/ruff format --check; \
	step $(BIN)/ruff check; \
	step $(BIN)/mypy; \
	step $(BIN)/lint-imports; \
	if [ -f sgconfig.yml ]; then step $(BIN)/ast-grep scan; fi; \
	step $(BIN)/codespell; \
	step $(BIN)/deptry .; \
	step $(BIN)/bandit --quiet --recursive services shared --configfile pyproject.toml; \
	step $(BIN)/python -m tests.checks.secrets; \
	step $(BIN)/python -m tests.checks.advisories; \
	step $(BIN)/python -m services contracts --check; \
	step "$$(command -v uv || echo .cache/uv/bin/uv)" lock --check; \
	if [ -n "$$unchecked" ]; then printf "\nNOT CHECKED, for lack of network:$$unchecked\n"; fi; \
	if [ -n "$$failed" ]; then printf "\nFailed:$$failed\n"; exit 1; fi; \
	if [ -n "$$unchecked" ]; then printf '\nAll checks that could be made passed; 1 was NOT made, see above.\n'; \
	else printf '\nAll checks passed.\n'; fi

sbom: $(READY) ## List every package that the lock holds (CycloneDX 1.5) in build/relais.cdx.json
	@mkdir -p build
	@"$$(command -v uv || echo .cache/uv/bin/uv)" export --quiet --frozen --all-groups --format cyclonedx1.5 \
		--preview-features sbom-export --output-file build/relais.cdx.json >/dev/null
	@echo 'build/relais.cdx.json'

fmt: $(READY) ## Format the code and fix what can be fixed
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

bench: $(READY) ## Measure throughput and latency on this machine
	@$(PYTHON_CODE) -m tests.bench

contracts: $(READY) ## Write OpenAPI, AsyncAPI and event schemas into shared/contracts
	@$(PYTHON_CODE) -m services contracts

migration: $(READY) ## Write a new migration (service=cases m="add a column")
	@if [ -z "$(service)" ] || [ -z "$(m)" ]; then \
		echo 'Say which service and what changes: make migration service=cases m="add a column"' >&2; exit 2; \
	fi
	@$(PYTHON_CODE) -m services migration "$(service)" "$(m)"

migrate: $(READY) ## Bring the databases up to the newest migration
	@$(PYTHON_CODE) -m services migrate

alone: $(READY) ## Prove that each service stands alone: its tests in an empty folder
	@PYTHON="$(CURDIR)/$(BIN)/python" exec sh tests/alone.sh

clean: ## Remove local data, caches and the virtual environment
	rm -rf build .local .cache .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# PYTHON=/path/to/python chooses the interpreter.
$(READY): pyproject.toml uv.lock
	@set -e; \
	fail() { printf '%s\n' "$$1" >&2; exit 1; }; \
	python=; \
	for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			python=$$("$$name" -c 'import os, sys; print(os.path.realpath(sys.executable))'); break; \
		fi; \
	done; \
	[ -n "$$python" ] || fail 'Relais needs Python 3.11 or newer and found none: install one, or name it with PYTHON=/path/to/python.'; \
	uv=$$(command -v uv || true); \
	if [ -z "$$uv" ]; then \
		uv=.cache/uv/bin/uv; \
		if [ ! -x "$$uv" ]; then \
			echo 'Fetching uv $(UV_VERSION) (the first time only)'; \
			rm -rf .cache/uv; \
			"$$python" -m venv .cache/uv >/dev/null 2>&1 || { rm -rf .cache/uv; \
				fail "$$python cannot make virtual environments: install its venv package (on Debian and Ubuntu: apt install python3-venv) or install uv."; }; \
			.cache/uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)' || { rm -rf .cache/uv; \
				fail 'uv could not be fetched: the first set-up needs the network (and HTTPS_PROXY behind a proxy); run make setup again when it is there.'; }; \
		fi; \
	fi; \
	"$$uv" sync --locked --compile-bytecode --python "$$python" || \
		fail 'The packages could not be installed, see above: the first set-up needs the network (and HTTPS_PROXY behind a proxy), and uv.lock must match pyproject.toml.'; \
	touch $(READY)
