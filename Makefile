# One line, one command. `make` alone lists them.

PYTHON ?= python3
REPO ?= .
RECIPE ?= laptop
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CHECKED := components pipelines tests bench

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format compile lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make .venv with everything that is needed

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "codekiln: $(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.11 ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "codekiln: $(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 2; }
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[all,dev]'
	@touch $@

demo: $(READY) ## train a small model on a repository's history: make demo [REPO=PATH_OR_URL] [RECIPE=laptop]
	$(BIN)/codekiln run history --repository $(REPO) --recipe $(RECIPE)

test: $(READY) ## run the tests
	$(BIN)/pytest --numprocesses auto --dist worksteal

check: $(READY) ## format, lint, types, layers, spelling
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

format: $(READY) ## rewrite the sources as `make check` wants them
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

compile: $(READY) ## write each pipeline as a package for Kubeflow into build/
	$(BIN)/codekiln compile --into build

lock: ## pin what is installed in .venv into constraints.txt
	@{ echo '# What codekiln is built and tested with; made by `make lock`.'; \
	   $(BIN)/pip freeze --exclude-editable | sed 's/+cpu$$//'; } > constraints.txt

clean: ## remove .venv and all caches; runs are kept
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
