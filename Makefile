SHELL := /bin/bash -euo pipefail
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
export PYTHONPATH := layers/core/python:client
# Images of containers often set it; the tests start hundreds of processes, which would each compile all that they import.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
# The environment's own node goes first: the CDK's library runs on whichever it finds.
run_python := PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/python
cdk := PATH="$(CURDIR)/.venv/bin:$$PATH" node_modules/.bin/cdk
tests = $(run_python) -m pytest -q -n auto --dist loadgroup -m
installed := .local/setup.stamp
npm := PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/npm --prefix web run --silent
console := web/dist/index.html
STAGE ?= dev
PAYMENTS ?= sandbox
code := client functions infra layers/core/python tests tools
asked = -c stage=$(STAGE) -c payments=$(PAYMENTS) $(if $(ALARM_EMAIL),-c alarm_email=$(ALARM_EMAIL)) \
  $(if $(EMAIL_FROM),-c email_from="$(EMAIL_FROM)") \
  $(if $(WEB_ORIGIN),-c web_origin=$(WEB_ORIGIN)) $(if $(EDGE),-c edge=$(EDGE)) \
  $(if $(CONSOLE_CERTIFICATE),-c console_certificate_arn=$(CONSOLE_CERTIFICATE)) \
  $(if $(DOMAIN),-c domain=$(DOMAIN) -c certificate_arn=$(CERTIFICATE)) $(if $(ORIGIN_KEY),-c origin_key=$(ORIGIN_KEY))

.PHONY: help setup demo run token invoke console screenshots publish test matrix fuzz faults bench check format generate permissions lock synth bootstrap deploy destroy clean

help: ## Show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(installed) ## Install everything that is needed below this folder (demo, run and test do it first)

$(installed): requirements/uv.txt requirements/dev.txt requirements/emulator.txt package-lock.json web/package-lock.json infra/local/setup.py
	@$(PYTHON) -m infra.local.setup
	@touch $@

demo: $(installed) ## Carry a sample brief from posting to payout on a fresh local AWS
	@$(run_python) -m infra.local.demo

run: $(installed) $(console) ## Keep a local AWS up, with sample accounts and briefs (RESET=1 starts afresh)
	@$(run_python) -m infra.local.run

console: $(console) ## Build the console to web/dist

$(console): $(installed) $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -not -name schema.d.ts -print) functions/openapi/openapi.json
	@$(npm) build

screenshots: $(installed) $(console) ## Take the README's pictures of the console anew, from the sample data (needs Chromium)
	@$(run_python) -m infra.local.screenshots

publish: $(installed) $(console) ## Put the console where the deployed stage serves it from (STAGE=dev)
	@$(run_python) -m infra.publish $(STAGE)

test: $(installed) $(console) ## Run all tests: the fast layers, then those on the deployed local stack
	@$(npm) check
	@$(npm) test
	@$(tests) "not local_stack"
	@$(run_python) -m pytest -v -m local_stack

matrix: $(installed) ## Every route by every kind of caller, as a table, and how many answers were wrong
	@$(run_python) -m tests.access

fuzz: $(installed) ## Requests made up from the OpenAPI document, as three roles, two minutes each: SEED=7
	@$(run_python) -m tests.access.fuzz --seed "$(SEED)"

faults: $(installed) ## Try longer than the tests do to break it: SEED=7 (FULL=1 for every crash on the adapters)
	@$(run_python) -m tests.faults --seed "$(SEED)" $(if $(FULL),--full)

bench: $(installed) ## Measure speed and cost beside peers, draw the pictures of docs/performance.md (WHOLE=1 times the tests too)
	@$(run_python) -m tests.bench $(if $(WHOLE),--whole)

check: $(installed) ## Format, lint, types, and the tests of rules and use cases, in a minute
	@.venv/bin/ruff format --check $(code)
	@.venv/bin/ruff check $(code)
	@.venv/bin/mypy
	@$(tests) "not slow" tests/unit

format: $(installed) ## Format the code and fix what the linter can
	@.venv/bin/ruff check --fix-only $(code)
	@.venv/bin/ruff format $(code)

synth: $(installed) ## Write the CloudFormation templates to cdk.out (STAGE=dev)
	@$(cdk) synth --quiet $(asked) --output cdk.out

bootstrap: $(installed) ## Prepare an AWS account and region, once, with your own credentials
	@$(cdk) bootstrap -c stage=$(STAGE)

deploy: $(installed) ## Deploy to AWS with your own credentials (STAGE=dev or prod, EDGE=off, …: see the README)
	@$(cdk) deploy --all $(asked)

destroy: $(installed) ## Remove what was deployed to AWS (in prod, the data stays)
	@$(cdk) destroy --all $(asked)

token: $(installed) ## Print an access token of the running stack (ROLE=student)
	@$(run_python) -m infra.local.token $(or $(ROLE),student)

invoke: $(installed) ## Call a function of the running stack: make invoke FUNCTION=lapse EVENT=events/samples/…
	@$(run_python) -m infra.local.invoke "$(FUNCTION)" "$(EVENT)"

generate: $(installed) ## Write openapi.json and the event schemas from the code
	@$(run_python) -m tools.generate

used := $(CURDIR)/.local/used
permissions: $(installed) ## Record which permissions the functions use in the tests, and compare with their roles
	@rm -f $(used)-*.jsonl
	@RECORD_PERMISSIONS=$(used)-on-moto.jsonl $(run_python) -m pytest -q -p tests.functions.recording tests/functions
	@RECORD_PERMISSIONS=$(used)-deployed.jsonl $(run_python) -m pytest -q -m local_stack tests/access tests/e2e
	@$(run_python) -m tests.infra.used_permissions $(used)-on-moto.jsonl $(used)-deployed.jsonl

lock: $(installed) ## Resolve requirements/*.in anew into pinned and hashed requirements
	@for name in uv layer stripe yara emulator previews credentials printing dev; do \
	  echo "  requirements/$$name.txt"; \
	  .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-annotate --no-emit-index-url --custom-compile-command "make lock" \
	    requirements/$$name.in --output-file requirements/$$name.txt; \
	done

clean: ## Remove everything that is installed or built, and the kept local state
	@rm -rf .venv .local .build node_modules web/node_modules web/dist cdk.out .mypy_cache .pytest_cache .ruff_cache .hypothesis
