# What there is to do with this project. Needs Python 3.11 or newer with venv and pip, and make; installs the rest into
# .venv (tests and checks) and .venv-tools (SAM CLI and the local cloud's engine, whose pins differ).

PORT ?= 3000
ARCH ?= arm64
# This machine's address as SAM's containers see it (Docker: 172.17.0.1, podman: 10.88.0.1), to let `sam local` in.
CONTAINERS ?=
CASES ?= 10000
QUICK ?=
EXAMPLES ?= 500
KILL ?=
SEEDS ?= 1000

tools := .venv-tools/bin
dev := .venv/bin
scanners := .venv-scanners/bin
recipe := requirements.lock layers/vendor/lock.py tests/local/environment.sh

.DEFAULT_GOAL := help
.PHONY: help run stop demo test sim bench load cost check scan audit fuzz build permissions lock test-dynamodb-local clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

run: .venv-tools/ready ## Start the whole system on this machine: http://127.0.0.1:PORT (PORT=3000)
	@$(tools)/python -m tests.local run --port $(PORT) --containers "$(CONTAINERS)"

stop: .venv-tools/ready ## Stop what `make run` started, keeping its state
	@$(tools)/python -m tests.local stop

demo: .venv-tools/ready ## Play the whole story without a person and print the scores
	@$(tools)/python -m tests.local.demo

test: .venv/ready .venv-tools/ready ## Run all tests (SELECT=... for pytest's arguments)
	$(dev)/pytest -n 3 --durations=20 $(SELECT)

sim: .venv/ready ## Crash at every call, then play SEEDS=1000 seeds of faults (10,000 take a quarter of an hour)
	HEARBACK_TEST_EVERY_CRASH_POINT=1 $(dev)/pytest -n 2 tests/sim/test_crash_points.py
	@PYTHONPATH=layers/hearback $(dev)/python -m tests.sim --seeds $(SEEDS)

bench: .venv/ready .venv-tools/ready ## Measure cold and warm requests, and what a night costs beside DuckDB (8 minutes; JSON in .local/bench)
	@PYTHONPATH=layers/hearback $(dev)/python -m tests.bench.serving
	@PYTHONPATH=layers/hearback $(dev)/python -m tests.bench.nights

load: .venv/ready .venv-tools/ready ## Load on the handlers and on the local cloud, nothing may get lost (KILL=24: kill functions meanwhile)
	@PYTHONPATH=layers/hearback $(dev)/python -m tests.load $(if $(KILL),--kill $(KILL))

cost: .venv/ready ## Play 1,000 surveys on DynamoDB Local: capacity units and dollars (needs Java 17)
	@PYTHONPATH=layers/hearback $(dev)/python -m tests.local.dynamodb_local -- $(dev)/python -m tests.costs

check: .venv/ready .venv-tools/ready ## Lint, types, import rules, template
	$(dev)/ruff check .
	$(dev)/ruff format --check .
	$(dev)/mypy
	$(dev)/pytest tests/unit/test_import_rules.py tests/unit/test_template.py
	AWS_DEFAULT_REGION=eu-central-1 SAM_CLI_TELEMETRY=0 $(tools)/sam validate --lint
	@mkdir -p .local && $(tools)/python -m tests.local.expand_template > .local/expanded.json
	$(tools)/cfn-lint --template .local/expanded.json

scan: .venv-scanners/ready .venv-tools/ready ## Look for weaknesses in code and template
	$(scanners)/bandit --quiet --recursive --severity-level medium --configfile pyproject.toml layers/hearback/hearback functions
	@mkdir -p .local && $(tools)/python -m tests.local.expand_template > .local/expanded.json
	$(scanners)/cfn-lint --template .local/expanded.json --append-rules cfn_lint_serverless.rules
	$(scanners)/checkov --file .local/expanded.json

audit: .venv-scanners/ready ## Ask whether a weakness is known in any package that is shipped (needs a network); .local/sbom.json lists them
	@mkdir -p .local && $(scanners)/python layers/vendor/audit.py .local/sbom.json

fuzz: .venv/ready .venv-tools/ready .venv-scanners/ready ## Send odd requests: CASES=10000 from the API's document to a local cloud (QUICK=1: to one process), EXAMPLES=500 a promise of the senders' side
	@CASES=$(CASES) QUICK=$(QUICK) $(dev)/python -m tests.fuzz
	HEARBACK_TEST_EXPLORE=1 HEARBACK_FUZZ_EXAMPLES=$(EXAMPLES) $(dev)/pytest -n 2 tests/fuzz/test_senders.py

build: .venv-tools/ready ## Build for AWS (ARCH=arm64 or x86_64; a plain `sam build` does the same for arm64)
	SAM_CLI_TELEMETRY=0 $(tools)/sam build --parameter-overrides Architecture=$(ARCH)
	@$(tools)/python layers/vendor/weigh.py .aws-sam/build

permissions: .venv/ready ## What the functions' roles allow, beside what the e2e stories used (KEEP=1 keeps what was seen)
	@$(dev)/python -m tests.permissions $(if $(KEEP),--keep)

lock: .venv/ready ## Resolve pyproject.toml anew into requirements.lock
	@$(dev)/python -m uv --version >/dev/null 2>&1 || $(dev)/python -m pip install -qq uv
	$(dev)/python layers/vendor/lock.py --make

test-dynamodb-local: .venv/ready ## Run the storage contract against DynamoDB Local (needs Java 17)
	$(dev)/python -m tests.local.dynamodb_local -- $(dev)/pytest -n 2 -m dynamodb_local

clean: ## Remove builds, caches and the local cloud's state (rm -r .venv .venv-tools removes the rest)
	@! [ -x $(tools)/python ] || $(tools)/python -m tests.local stop
	rm -rf .aws-sam .local .cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -r {} +

.venv-tools/ready: $(recipe)
	@echo "Installing SAM CLI and MiniStack into .venv-tools (about a minute, once) ..."
	@sh tests/local/environment.sh .venv-tools tools

.venv/ready: $(recipe)
	@echo "Installing the packages that tests and checks use into .venv (about a minute, once) ..."
	@sh tests/local/environment.sh .venv runtime analysis development

.venv-scanners/ready: $(recipe)
	@echo "Installing the scanners into .venv-scanners (about two minutes, once) ..."
	@sh tests/local/environment.sh .venv-scanners scanners
