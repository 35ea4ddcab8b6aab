# Two commands need nothing but make and Python >= 3.11: `make demo` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
# One more than there are cores: many tests wait for another process or a browser.
WORKERS ?= $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 1)")
BIN := .venv/bin
READY := .venv/ready

# One thread of linear algebra a process: the processes already use every core.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Many tests start processes: without compiled modules kept, each of them would compile everything again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test quick full pythons bench bench-auto simulate browser clients screenshots up check format bundle wheel-serve lock clean

help: ## these lines
	@sed -n 's/^\([a-z-]*\):.*## /make \1  /p' $(MAKEFILE_LIST)

demo: $(READY) ## one model through its whole life, on real data
	$(BIN)/lepton demo

test: $(READY) ## every test; of the largest families a sample, whose seed is printed
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# The engine and the contracts over the disk store, with examples of docstrings; a few cases of each large family.
QUICK := -m "not slow" -k "not [aws" --most 1 functions infra lepton_ai lepton_core tests/lepton_core tests/contract

quick: $(READY) ## in a minute: docstrings, engine, stores on disk
	$(BIN)/python -m pytest -n auto $(QUICK)

full: $(READY) pythons ## every case of every test, and each Python that is installed
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --full

pythons: $(READY) ## what quick tests, on each Python that is installed
	$(BIN)/python -m tests.support.pythons -n auto $(QUICK)

bench: $(READY) ## accuracy and speed of the defaults beside scikit-learn, into docs/benchmarks
	$(BIN)/python -m tests.benchmarks.defaults docs/benchmarks/defaults.md
	$(BIN)/python -m tests.benchmarks.algorithms docs/benchmarks/algorithms.md
	$(BIN)/python -m tests.benchmarks.boosting docs/benchmarks/boosting.md
	$(BIN)/python -m tests.benchmarks.categories docs/benchmarks/categories.md
	$(BIN)/python -m tests.benchmarks.uncertainty docs/benchmarks/uncertainty.md
	$(BIN)/python -m tests.benchmarks.forecasts docs/benchmarks/forecasts.md
	$(BIN)/python -m tests.benchmarks.speed docs/benchmarks/speed.md
	$(BIN)/python -m tests.benchmarks.hot_path docs/benchmarks/hot_path.md
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.predictor docs/benchmarks/predictor.md
	$(BIN)/python -m tests.benchmarks.serve docs/benchmarks/serve.md
	$(BIN)/python -m tests.benchmarks.console docs/benchmarks/console.md
	$(BIN)/python -m tests.benchmarks.beside_uploads docs/benchmarks/large_files.md

bench-auto: $(READY) ## automatic training beside its rivals, in hours; ARGS="--budget 60 --splits 0"
	$(BIN)/python -m tests.benchmarks.auto_systems.rivals
	$(BIN)/python -m tests.benchmarks.auto_systems $(ARGS)
	$(BIN)/python -m tests.benchmarks.auto_systems.page docs/benchmarks/auto_systems.md

simulate: $(READY) ## how often a verdict promotes what is worse, and what is better, into docs/benchmarks
	$(BIN)/python -m tests.benchmarks.verdicts docs/benchmarks/verdicts.md

HEADLESS := $(shell command -v chromium-headless-shell)
browser: ## chromium for the tests of the console, from Debian's packages
ifeq ($(HEADLESS),)
	(apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-wqy-microhei) > /dev/null \
	  || command -v chromium google-chrome > /dev/null \
	  || echo "No browser can be had here: the tests of the console that need one are skipped."
endif

clients: $(READY) ## clients of other systems for the tests, in an environment of their own
	$(BIN)/python -m tests.support.clients \
	  || echo "They cannot be had here: the tests that need clients of other systems are skipped."

screenshots: $(READY) browser ## pictures of every screen of the console; the README's three are in docs/pictures
	$(BIN)/python -m tests.support.screenshots build/screenshots docs/pictures

up: $(READY) ## the platform on this machine; ARGS="--port 8642 --data DIR"
	exec $(BIN)/lepton up $(ARGS)

check: $(READY) ## formatting, lint, types, import rules, length of files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports
	$(BIN)/python -m infra.file_length

format: $(READY) ## formatting, and what lint can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bundle: $(READY) ## what AWS needs, in build/aws
	$(BIN)/python -m infra.aws.bundle build/aws

wheel-serve: $(READY) ## the wheel of what serves one model, lepton-ai-serve, in dist
	cd infra/light && $(CURDIR)/$(BIN)/python -m hatchling build -t wheel -d $(CURDIR)/dist

# The stamp is written last, so that an environment whose making was interrupted is made again.
$(READY): requirements/dev.txt $(wildcard lepton_core/table/native/*.c lepton_core/table/native/*.h)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Lepton needs Python >= 3.11; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || true)." \
	    "Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Making the environment in .venv ..."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || \
	  { echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt install python3-venv." >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

UV ?= uv
COMPILE := $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-header --fork-strategy fewest
lock: ## pin everything again (needs uv)
	$(COMPILE) --universal --python-version 3.11 --group pyproject.toml:dev pyproject.toml -o requirements/dev.txt
	$(COMPILE) --python-version 3.13 --python-platform x86_64-manylinux_2_28 --constraint requirements/dev.txt \
	  --group pyproject.toml:layer -o requirements/layer.txt
	$(COMPILE) --python-version 3.13 --python-platform x86_64-manylinux_2_28 --constraint requirements/dev.txt \
	  --no-emit-package numpy --group pyproject.toml:learners -o requirements/learners.txt
	$(COMPILE) --python-version 3.13 --python-platform x86_64-manylinux_2_28 --constraint requirements/dev.txt \
	  --group pyproject.toml:readers -o requirements/readers.txt

clean: ## remove what was built
	rm -rf .venv build dist
