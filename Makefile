# Everything that the study needs, as one word each. `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
RUN := $(BIN)/python -m negcxr

# The first of these that runs and is of a version that the study supports.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$python && break; done)

# Where pip finds a torch without CUDA; empty takes the usual one. The README says more.
TORCH_INDEX ?=

.DEFAULT_GOAL := help
.PHONY: help install book test slow smoke lab lint check browser clean bench lock \
	wheelhouse slurm-env test-slurm test-airgap

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## make .venv/ with the locked versions, if it is not as the lock says

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was \
	found; name one: make install PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= \
	(3, 13) else "Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is %d.%d" % v)'
	$(PYTHON) -m venv $(VENV)
	$(if $(TORCH_INDEX),$(BIN)/pip install --quiet --index-url "$(TORCH_INDEX)" \
	"$$(grep '^torch==' requirements.lock)")
	$(BIN)/pip install --quiet --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	$(BIN)/pip check
	touch $(STAMP)

book: $(STAMP) ## run the study (params/default.yml) and build the book in _build/html
	$(RUN) run --params params/default.yml

test: $(STAMP) ## run the tests that need no browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

slow: $(STAMP) ## run the tests that take minutes: every family, every chapter, a clean clone
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow --numprocesses 2 --dist loadfile

smoke: $(STAMP) ## run the study small, in a few minutes (params/smoke.yml)
	$(RUN) run --params params/smoke.yml

lab: $(STAMP) ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=. notebooks

lint: $(STAMP) ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

browser: $(STAMP) ## look at the built book in headless Chromium
	$(BIN)/python -m pytest -m browser

check: ## all that must hold: lint, tests, smoke study with its book, browser checks
	$(MAKE) lint
	$(MAKE) test
	$(MAKE) smoke
	$(MAKE) browser

# Those with a main; the rest are parts of them. One needs faiss, which the lock has not.
OUTSIDE := benchmarks/neighbours.py
bench: $(STAMP) ## print the benchmarks' tables
	set -e; for bench in $(filter-out $(OUTSIDE), $(shell grep -l '^def main' \
	benchmarks/*.py)); do $(BIN)/python $$bench; done
	@echo "left out, since it needs faiss, and says how to get it: $(OUTSIDE)"

# Snakemake with the plugin for SLURM: all of .venv, and the plugin beside it, for where that
# is installed every start asks for a controller.
SLURM := .venv-slurm
slurm-env: $(SLURM)/.installed ## make .venv-slurm/, which submits a study's jobs to SLURM

$(SLURM)/.installed: $(STAMP) profiles/slurm/requirements.txt
	$(BIN)/python -m venv $(SLURM)
	place="$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')"; \
	for folder in $(SLURM)/lib/python3.*/site-packages; do \
	echo "import site; site.addsitedir('$$place')" > "$$folder/study.pth"; done
	$(SLURM)/bin/pip install --quiet --requirement profiles/slurm/requirements.txt
	touch $@

test-slurm: slurm-env ## try a cluster of one node here (root, and Debian's slurm-wlm and munge)
	tests/machines/one_node_slurm.sh $(abspath $(SLURM))/bin/python

wheelhouse: ## gather what a machine without network needs: make wheelhouse PYTHON=3.12
	@test -x $(BIN)/python || { echo "make install first" >&2; exit 1; }
	$(BIN)/python tools/wheelhouse.py $(PYTHON)

# The machine's own torch and what goes with it, here of the lock's versions.
THERE := torch transformers numpy scipy scikit-learn pandas pyarrow pillow
_build/there/.installed: requirements.lock
	$(BIN)/python -m venv _build/there
	_build/there/bin/pip install --quiet $(if $(TORCH_INDEX),--index-url "$(TORCH_INDEX)") \
	"$$(grep '^torch==' requirements.lock)"
	_build/there/bin/pip install --quiet --constraint requirements.lock $(THERE)
	touch $@

test-airgap: _build/there/.installed ## try the wheelhouse here, with the network cut off
	$(BIN)/python tools/wheelhouse.py \
	$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	tests/machines/air_gapped.sh $(abspath _build/there)/bin/python

# torch keeps its pin until somebody edits it: one version that every platform has. What
# torch brings along for one kind of GPU alone stays out; torch itself pins that exactly.
lock: ## write requirements.lock anew from pyproject.toml's ranges
	rm -rf _build/lock && $(PYTHON) -m venv _build/lock
	_build/lock/bin/pip install --quiet $(if $(TORCH_INDEX),--index-url "$(TORCH_INDEX)") \
	"$$(grep '^torch==' requirements.lock)"
	_build/lock/bin/pip install --quiet '.[book,dev,lab]'
	_build/lock/bin/pip check
	{ echo '# Exact versions for Python 3.11 to 3.13; written by `make lock`.'; \
	_build/lock/bin/pip freeze --exclude negcxr | grep -vE '^(nvidia|cuda|triton)' | \
	sed 's/+cpu$$//'; } > _build/requirements.lock
	mv _build/requirements.lock requirements.lock
	rm -rf _build/lock

clean: ## remove what can be made again: results, executed notebooks, the built book
	rm -rf _build results book/executed book/generated .snakemake
