# Requires Python 3.11 or newer, make and PyPI. `make` without a target lists all targets.

PYTHON ?= python3
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STAMP := $(VENV)/.set-up
COMPILE = pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements"

# The dashboard is built into gql/, which serves it.
NODE_MODULES := dashboard/node_modules/.set-up
DASHBOARD := gql/http/dashboard_files/.built
DASHBOARD_SOURCES := schema.graphql docs/architecture.md $(shell find dashboard \
  \( -name node_modules -o -name generated \) -prune -o -type f -print 2>/dev/null)
HAS_NODE := node -e 'const [major, minor] = process.versions.node.split("."); \
  process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)' 2>/dev/null

# Ignore packages in the user's home folder. Tests start hundreds of Python processes: without bytecode
# files, each of them would compile this project again.
export PYTHONNOUSERSITE := 1
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help dev demo test lint fuzz coverage chaos bench record-histories requirements schema dashboard dashboard-if-possible lint-dashboard test-dashboard

help: ## List the targets (default)
	@echo "Order orchestrator. Each target installs what it needs on first use."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) \
	  | awk -F'|' '{ printf "%-26s %s\n", $$1, $$2 }'
	@echo
	@echo "  PYTHON=python3.12          Python for the virtual environment in .venv (now: $(PYTHON))"
	@echo "  PYTEST_ARGS='-k …'         arguments for pytest in make test; '-n 0' runs one process"
	@echo "  PORT=8000                  port of the API in make dev; .env.example lists all settings"

dev: $(STAMP) dashboard-if-possible ## Run Postgres, Temporal, workers and API in the foreground; stop with Ctrl-C
	@$(BIN)/orders dev

demo: $(STAMP) ## Run one order from start to completion on a temporary stack and print its timeline
	@$(BIN)/orders demo

# Each of the processes starts its own servers. Three are quicker than two on two cores, because tests
# also wait. A process takes one file at a time, in the order of the files: sorted by size, a slow file
# with few tests would start last and run alone.
PARALLEL := --numprocesses 3 --dist loadfile --no-loadscope-reorder
test: $(STAMP) test-dashboard ## Run all tests on temporary servers
	@$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

lint: $(STAMP) lint-dashboard ## Check style, formatting, types and import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

fuzz: $(STAMP) ## Send the API thousands of random requests, bodies and frames (make test sends hundreds)
	@$(BIN)/python -m pytest --hypothesis-profile=fuzz tests/api/test_fuzz_operations.py tests/api/test_fuzz_requests.py

# One process: tests that start other processes are left out, because those are not measured.
COVERAGE_TESTS ?= tests/unit tests/persistence tests/workflows tests/api tests/cli
coverage: $(STAMP) ## Show the lines that no test in this process executes; COVERAGE_TESTS=tests/unit
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest --quiet $(COVERAGE_TESTS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

# Each option of tests/chaos is also a variable: make chaos ORDERS=100 WORKER_INTERVAL=5
chaos: $(STAMP) ## Kill every part while orders of all kinds run, then compare; ORDERS=500
	@$(BIN)/python -m tests.chaos

bench: $(STAMP) dashboard-if-possible ## Run all benchmarks against their references; see docs/benchmarks.md
	@$(BIN)/python -m benchmarks.orders
	@$(BIN)/python -m benchmarks.streams
	@$(BIN)/python -m benchmarks.pages
	@$(BIN)/python -m benchmarks.small_query
	@$(BIN)/python -m benchmarks.stock_executor
	@$(BIN)/python -m benchmarks.load
	@$(BIN)/python -m benchmarks.dashboard

dashboard: $(DASHBOARD) ## Build the dashboard, which the API serves at / (requires Node 20.19 or newer)

# The API works without the dashboard, so a failed build is a warning.
dashboard-if-possible:
	@if $(HAS_NODE); then \
	  $(MAKE) --no-print-directory --silent dashboard || echo "Warning: the dashboard could not be built. The API runs without it." >&2; \
	else echo "The dashboard is not built: install Node 20.19 or newer. The API runs without it." >&2; fi

lint-dashboard:
	@if $(HAS_NODE); then $(MAKE) --no-print-directory --silent $(NODE_MODULES) && cd dashboard && \
	  npm run --silent lint && npm run --silent lint:schema; \
	else echo "The dashboard and the style of the schema are not checked: install Node 20.19 or newer." >&2; fi

test-dashboard:
	@if $(HAS_NODE); then $(MAKE) --no-print-directory --silent dashboard && (cd dashboard && npm run --silent test) && \
	  { command -v "$${CHROMIUM:-chromium}" >/dev/null || \
	    echo "The browser tests are skipped: install Chromium, or set CHROMIUM to its path." >&2; }; \
	else echo "The dashboard is not tested: install Node 20.19 or newer." >&2; fi

HISTORIES := tests/replay/histories
record-histories: $(STAMP) ## Record the replayed histories again; see "A changed workflow" in CONTRIBUTING.md
	@rm -rf $(HISTORIES).new
	@$(BIN)/python -m pytest $(PARALLEL) tests/workflows --record-histories $(HISTORIES).new || \
	  { echo "A test failed, so $(HISTORIES) is unchanged. Mend it and repeat the command." >&2; exit 1; }
	@rm -rf $(HISTORIES) && mv $(HISTORIES).new $(HISTORIES)
	@echo "$(HISTORIES) is replaced. Write these figures into docs/costs.md:"
	@$(BIN)/python -m benchmarks.costs

schema: $(STAMP) ## Write the GraphQL schema to schema.graphql
	$(BIN)/orders schema > schema.graphql.new
	@mv schema.graphql.new schema.graphql

# uv with --no-config instead of pip-tools: local pip settings (mirrors, extra indexes) must not affect
# the versions, or leave an address in the files.
requirements: ## Upgrade requirements*.txt to the newest versions that pyproject.toml allows, with hashes
	@$(PYTHON) -m venv --clear $(VENV)-compile
	@$(VENV)-compile/bin/python -m pip install --quiet uv
	$(VENV)-compile/bin/uv $(COMPILE) --upgrade --output-file requirements.txt pyproject.toml
	$(VENV)-compile/bin/uv $(COMPILE) --upgrade --output-file requirements-dev.txt --extra dev \
	  --constraint requirements.txt pyproject.toml
	@rm -rf $(VENV)-compile

# All dependencies come from the compiled file and must match its hashes. The project itself is installed
# as a path entry to this folder ("compat" mode), so that new modules are found without a new set-up.
# The stamp is written last, so that an interrupted set-up is repeated. As root, Postgres runs as another
# user; the umask lets that user execute its programs.
$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is required, and $(PYTHON) is older. Try: make PYTHON=python3.12" >&2; exit 1; }
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
