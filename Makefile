# make demo | test | lint | lab | notebooks | weights.  Each first sets up what it needs, and may be repeated.
#
# An environment that is active and complete is used as it is; otherwise .venv is made, with the versions of
# constraints.txt. PYTHON=python3.12 make demo picks another Python.

PYTHON ?= python3
# Waiting threads sleep instead of spinning, also where torch is loaded before reidkit can ask for it.
export OMP_WAIT_POLICY ?= PASSIVE
ACTIVE := $(shell $(PYTHON) -m reidkit.installation >/dev/null 2>&1 && $(PYTHON) -c 'import sys; print(sys.executable)')

ifeq ($(ACTIVE),)
RUN := .venv/bin/python
ENVIRONMENT := .venv/complete
else
RUN := $(ACTIVE)
ENVIRONMENT :=
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint lab notebooks weights

help:
	@echo "make demo       draw two towns, adapt a network from one to the other, write runs/demo/report.html"
	@echo "make lab        open JupyterLab on the course (notebooks/)"
	@echo "make test       run the tests"
	@echo "make lint       check style and types"
	@echo "make notebooks  run every notebook in full and write its outputs in place"
	@echo "make weights    train the shipped tiny network anew, from nothing"
	@echo "Environment: $(if $(ACTIVE),$(ACTIVE) (active and complete),.venv)"

setup: $(ENVIRONMENT)

.venv/complete: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@echo "== Setting up .venv (a few minutes, once)"
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --upgrade pip
	.venv/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(ENVIRONMENT)
	@echo "== The demo: two drawn towns, direct transfer against cluster contrast"
	$(RUN) -m reidkit.cli demo

test: $(ENVIRONMENT)
	@echo "== The tests"
	$(RUN) -m pytest

lint: $(ENVIRONMENT)
	@echo "== Style and types"
	$(RUN) -m ruff check .
	$(RUN) -m mypy

lab: $(ENVIRONMENT)
	@echo "== JupyterLab on the course; Ctrl-C twice ends it"
	$(RUN) -m reidkit.cli lab

notebooks: $(ENVIRONMENT)
	@echo "== Running every notebook in full"
	$(RUN) -m jupyter nbconvert --to notebook --execute --inplace \
		--ExecutePreprocessor.store_widget_state=False --ExecutePreprocessor.record_timing=False notebooks/*.ipynb

weights: $(ENVIRONMENT)
	@echo "== Training the tiny network on Summer town"
	$(RUN) -m reidkit.cli towns
	$(RUN) -m reidkit.cli pretrain data/towns/seed0/summer --preset towns-pretrain --out runs/summer
	cp runs/summer/model.safetensors reidkit/models/weights/tiny_summer.safetensors
