# One line, one command. `make` alone lists them.

PYTHON ?= python3
REPO ?= .
RECIPE ?= laptop
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CHECKED := components pipelines tests bench images
PIPELINE ?= history
NAME ?= $(PIPELINE)
POOL ?= cpu
ARGS ?=
IMAGES ?=

# The folders of the tests with a mark: all others need not be read for them.
marked = $(shell grep -rlw --include='*.py' 'mark\.$(1)' tests | xargs -n 1 dirname | sort -u)

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-collect demo-data test test-platform test-npm test-s3 test-containers check format compile goldens lock images-lock clean images images-test \
	pipeline-run pipeline-schedule pipeline-upload kind-up kind-smoke kind-down chart-docs

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 19

setup: $(READY) ## make .venv with everything that is needed

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "codekiln: $(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.11 ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "codekiln: $(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 2; }
	@echo "codekiln: installing into $(VENV), which takes a minute or more"
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --use-pep517 --constraint constraints.txt --editable '.[all,dev]'
	@touch $@

demo: $(READY) ## train a small model on a repository's history: make demo [REPO=PATH_OR_URL] [RECIPE=laptop]
	$(BIN)/codekiln run history --repository $(REPO) --recipe $(RECIPE)

demo-collect: $(READY) ## collect pull requests from a made-up GitHub: no account, no token
	@made=$$(mktemp -d); $(BIN)/codekiln fake-github --git --port 0 > $$made/variables & server=$$!; \
	trap 'kill $$server; rm -rf $$made' EXIT; \
	tries=0; until grep -qs GITHUB_TOKEN $$made/variables; do \
		tries=$$((tries + 1)); test $$tries -lt 150 || exit 1; kill -0 $$server || exit 1; sleep 0.2; done; \
	. $$made/variables; $(BIN)/codekiln run collect --recipe laptop --data codekiln-demo/pulls

demo-data: demo-collect ## make clean, tokenized examples of what demo-collect collected
	$(BIN)/codekiln run data --recipe smoke --data codekiln-demo/pulls --corpus codekiln-demo/corpus

test: $(READY) ## run the tests
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

test-platform: test-npm images-test test-s3 test-containers ## run the tests that need podman, Ceph's radosgw and npm (images/prepare and .ci/run install them)

test-npm: $(READY)
	$(BIN)/pytest -m npm $(call marked,npm)

test-s3: $(READY)
	$(BIN)/pytest -m "s3 and not platform" $(call marked,s3) --numprocesses auto --dist loadfile

test-containers: $(READY) # in the images that images-test has built
	$(BIN)/pytest -m platform $(filter-out tests/images,$(call marked,platform)) --numprocesses auto --dist loadfile

check: $(READY) ## format, lint, types, layers, spelling
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

format: $(READY) ## rewrite the sources as `make check` wants them
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

compile: $(READY) ## write each pipeline as a package for Kubeflow into build/: make compile [POOL=cpu|a100|h100]
	$(BIN)/codekiln compile --into build --pool $(POOL)

goldens: $(READY) ## accept the compiled packages as they are now; look at the difference before you commit it
	while read -r case flags; do $(BIN)/codekiln compile --into tests/pipelines/goldens/$$case $$flags; done \
		< tests/pipelines/goldens/cases.txt
	git diff --stat tests/pipelines/goldens

images: $(READY) ## build the container images with podman or docker: make images [IMAGES="tokenize report"]
	$(BIN)/python images/build.py $(IMAGES)

images-test: $(READY) ## build every image on a base of this machine's own, and run each one confined
	$(BIN)/pytest -m platform tests/images

pipeline-run: $(READY) ## run a pipeline on Kubeflow: make pipeline-run PIPELINE=history ARGS="--repository URL"
	$(BIN)/codekiln submit $(PIPELINE) $(ARGS)

pipeline-schedule: $(READY) ## run it by the clock: make pipeline-schedule NAME=nightly ARGS="--cron '0 2 * * *' ..."
	$(BIN)/codekiln schedule create $(NAME) $(PIPELINE) $(ARGS)

pipeline-upload: $(READY) ## put a pipeline, or a new version of it, on Kubeflow's page
	$(BIN)/codekiln upload $(PIPELINE) $(ARGS)

kind-up: ## make a cluster on this machine: kind, an S3 server, Kubeflow Pipelines, our chart [S3=minio]
	k8s/kind/local-cluster up

kind-smoke: $(READY) ## run the history pipeline, plain Jobs and the doctor on that cluster [REPOSITORY=URL]
	k8s/kind/local-cluster smoke

kind-down: ## remove that cluster with all that is in it
	k8s/kind/local-cluster down

images-lock: $(READY) ## pin what goes into the images, as constraints.txt says, into images/locks
	$(BIN)/python images/lock.py

chart-docs: $(READY) ## write what the chart's values.yaml says into its schema and README
	$(BIN)/python tests/chart/values_docs.py

lock: ## pin what is installed in .venv into constraints.txt; then: make images-lock
	@{ echo '# What codekiln is built and tested with; made by `make lock`.'; \
	   $(BIN)/pip freeze --exclude-editable | sed 's/+cpu$$//'; } > constraints.txt

clean: ## remove .venv and all caches; runs are kept
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
