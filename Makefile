# Needs Python 3.11 or newer, make and PyPI; nothing else. `make` alone explains the targets.

PYTHON ?= python3
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STAMP := $(VENV)/.set-up
COMPILE = pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements"

# The dashboard is built into the package that serves it.
NODE_MODULES := dashboard/node_modules/.set-up
DASHBOARD := gql/dashboard_files/.built
DASHBOARD_SOURCES := schema.graphql docs/architecture.md $(shell find dashboard \
  \( -name node_modules -o -name generated \) -prune -o -type f -print 2>/dev/null)
HAS_NODE := node -e 'const [major, minor] = process.versions.node.split("."); \
  process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)' 2>/dev/null

# What a user has installed for themselves is no part of the project.
export PYTHONNOUSERSITE := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help dev demo test lint fuzz bench record-histories requirements schema dashboard dashboard-if-possible lint-dashboard test-dashboard

help: ## Explain the targets
	@echo "Orders as Temporal workflows, behind GraphQL. Each target does its own set-up."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) \
	  | awk -F'|' '{ printf "%-26s %s\n", $$1, $$2 }'
	@echo
	@echo "  PYTHON=python3.12          the Python that .venv is made with (now: $(PYTHON))"
	@echo "  PYTEST_ARGS='-k …'         passed to pytest by make test"
	@echo "  PORT=8000                  the API's port in make dev; .env.example lists every setting"

dev: $(STAMP) dashboard-if-possible ## Run the whole stack in the foreground: Postgres, Temporal, workers, API (Ctrl-C stops all)
	@$(BIN)/orders dev

demo: $(STAMP) ## Start, watch, approve and complete one order on a stack of its own, and print its timeline
	@$(BIN)/orders demo

test: $(STAMP) test-dashboard ## Run the tests on an embedded stack
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(STAMP) lint-dashboard ## Check style, format, types and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

fuzz: $(STAMP) ## Send the API thousands of requests, bodies and frames that nobody would think of (test: hundreds)
	@$(BIN)/python -m pytest --hypothesis-profile=fuzz tests/api/test_fuzz_operations.py tests/api/test_fuzz_requests.py

bench: $(STAMP) dashboard-if-possible ## Measure the project beside references, each on an embedded stack; docs/benchmarks.md explains
	@$(BIN)/python -m benchmarks.orders
	@$(BIN)/python -m benchmarks.streams
	@$(BIN)/python -m benchmarks.pages
	@$(BIN)/python -m benchmarks.small_query
	@$(BIN)/python -m benchmarks.load
	@$(BIN)/python -m benchmarks.dashboard

dashboard: $(DASHBOARD) ## Build the dashboard, which the API serves at / (needs Node 20.19 or newer)

# The API runs without it: whatever keeps it from being built is said, and no more.
dashboard-if-possible:
	@if $(HAS_NODE); then \
	  $(MAKE) --no-print-directory --silent dashboard || echo "No dashboard: it could not be built." >&2; \
	else echo "No dashboard: it needs Node 20.19 or newer. The API runs without it." >&2; fi

lint-dashboard:
	@if $(HAS_NODE); then $(MAKE) --no-print-directory --silent $(NODE_MODULES) && cd dashboard && npm run --silent lint; \
	else echo "The dashboard is not checked: that needs Node 20.19 or newer." >&2; fi

test-dashboard:
	@if $(HAS_NODE); then $(MAKE) --no-print-directory --silent dashboard && (cd dashboard && npm run --silent test) && \
	  { command -v "$${CHROMIUM:-chromium}" >/dev/null || \
	    echo "The tests in a browser are left out: Chromium is not there." >&2; }; \
	else echo "The dashboard is not tested: that needs Node 20.19 or newer." >&2; fi

record-histories: $(STAMP) ## Record anew the histories that the tests replay: after a change that no running order meets
	@rm -f tests/replay/histories/*.json
	@$(BIN)/python -m pytest tests/workflows --record-histories

schema: $(STAMP) ## Write the API's schema to schema.graphql
	$(BIN)/orders schema > schema.graphql.new
	@mv schema.graphql.new schema.graphql

# --no-config, and uv rather than pip-tools: this machine's pip settings (mirrors, extra indexes) must
# not decide what everybody installs, nor leave an address in the files.
requirements: ## Compile the newest requirements that pyproject.toml allows, with hashes
	@$(PYTHON) -m venv --clear $(VENV)-compile
	@$(VENV)-compile/bin/python -m pip install --quiet uv
	$(VENV)-compile/bin/uv $(COMPILE) --upgrade --output-file requirements.txt pyproject.toml
	$(VENV)-compile/bin/uv $(COMPILE) --upgrade --output-file requirements-dev.txt --extra dev \
	  --constraint requirements.txt pyproject.toml
	@rm -rf $(VENV)-compile

# Everything that is run comes from the compiled file and must match its hashes; of the project itself
# only a link to this folder is installed ("compat": a folder on the path, so that new modules are
# found without another set-up). The stamp is written last: a set-up that was interrupted is done again.
# The umask lets Postgres' programs be run by another user, as they are for root.
$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is not. Try: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV)"
	@umask 022 && $(PYTHON) -m venv $(VENV)
	@umask 022 && $(PIP) --require-hashes -r requirements-dev.txt
	@$(PIP) --no-deps --no-index --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@

$(NODE_MODULES): dashboard/package-lock.json dashboard/.npmrc
	@echo "Setting up dashboard/node_modules"
	@cd dashboard && npm ci --no-progress --loglevel=error
	@touch $@

$(DASHBOARD): $(NODE_MODULES) $(DASHBOARD_SOURCES)
	@echo "Building the dashboard"
	@cd dashboard && npm run --silent build -- --logLevel warn
	@touch $@
