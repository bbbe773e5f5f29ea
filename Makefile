# Everything a person or CI types. The work is done by the small scripts in tools/; see CONTRIBUTING.md.
# All paths are relative, so that a folder with spaces in its name works.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
WORKERS ?= 2
IN_ENV := .venv/bin/python

.PHONY: help run test check fmt bench record lock generate web vsix system-deps env-run env-dev clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

# Taken by value and handed on in the environment, never through a shell's quoting.
run: export DRAFTSMITH_RUN_TASK := $(value TASK)
run: export DRAFTSMITH_RUN_WORKSPACE := $(value WORKSPACE)
run: env-run ## set up, then do the main job (TASK="…" WORKSPACE=dir for your own folder)
	@$(IN_ENV) tools/main_job.py

test: ## check everything and say what each share took; non-zero when anything could not be tested
	@$(PYTHON) tools/run_tests.py --workers $(WORKERS)

check: env-dev ## format, lint, types, import contracts, stale generated files, spelling (ONLY="lint types")
	@$(IN_ENV) tools/check.py $(ONLY)

fmt: env-dev ## format, mend what the linter can mend, write generated files anew
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .
	@$(IN_ENV) tools/generated.py

bench: env-dev ## benchmarks, each beside its peer or physical limit
	@$(IN_ENV) -m bench

record: env-dev ## make the recorded replies of `make run` anew, with a model in the seat
	@$(IN_ENV) tools/record.py

generate: env-dev ## write the generated files anew
	@$(IN_ENV) tools/generated.py

lock: env-dev ## resolve the dependencies anew (UPGRADE=1 takes newer versions)
	@$(IN_ENV) tools/lock.py $(if $(UPGRADE),--upgrade)

web: env-dev ## build the dashboard into the Python package
	@$(IN_ENV) tools/web.py

vsix: env-dev ## package the VS Code extension: vscode-extension/dist/draftsmith.vsix
	@$(IN_ENV) tools/vsix.py

system-deps: ## install missing system packages as root on Debian; elsewhere say which and how
	@$(PYTHON) tools/system_packages.py

env-run:
	@$(PYTHON) tools/setup_env.py run

env-dev:
	@$(PYTHON) tools/setup_env.py dev

clean: ## remove the environment, caches and build results
	@rm -rf .venv .cache .hypothesis .ruff_cache .pytest_cache .import_linter_cache build dist
	@rm -rf web/node_modules web/build server/draftsmith/web/static
	@rm -rf vscode-extension/node_modules vscode-extension/build vscode-extension/dist
	@find server tests bench tools -type d -name __pycache__ -prune -exec rm -rf {} +
