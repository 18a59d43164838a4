# Everything a person needs: `make demo` and `make test`. All targets work from a bare checkout.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
export QT_QPA_PLATFORM ?= $(if $(or $(DISPLAY),$(WAYLAND_DISPLAY)),,offscreen)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# The tests start hundreds of programs: compiled once, not in each of them, whatever the shell says.
export PYTHONDONTWRITEBYTECODE =
# One worker more than processors: many tests wait for a disk or another process.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

# Temporary files of the tests lie in memory where there is plenty: hundreds of small databases, and kills, not the
# disk, are what they are proven by.
ROOM ?= $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 8000000 {print "/dev/shm"}')

.PHONY: help demo test check lint types imports unit bench bench-large prove simulate mutants bundle screenshots clean system

help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

system: ## Install missing system libraries (root), or say which line does it
	@sh resources/system-packages.sh

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --require-hashes --requirement constraints.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: system $(VENV)/.installed ## Server, sample data, a rep's laptop: the window opens (or the story runs without a display)
	$(if $(DISPLAY)$(WAYLAND_DISPLAY),,sh resources/with-keyring.sh) $(BIN)/python -m tests.end2end.demo

test: system $(VENV)/.installed ## The whole test suite
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(if $(ROOM),TMPDIR=$(ROOM)) sh resources/with-keyring.sh $(BIN)/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: test

bench: system $(VENV)/.installed ## Every figure beside its limit
	$(BIN)/python -m benchmarks

bench-large: system $(VENV)/.installed ## The figures of companies of 100,000 and 300,000 accounts, an hour
	$(BIN)/python -m benchmarks --large

prove: system $(VENV)/.installed ## Nothing is lost: every byte, write and point at which something can die, half an hour
	$(BIN)/python -m tests.integration.faults.prove

simulate: system $(VENV)/.installed ## Histories of laptops, server and bad network: SEEDS=200 of them, or SEED=... again
	$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),200)) $(if $(STEPS),--steps $(STEPS))

mutants: system $(VENV)/.installed ## Planted bugs and random changes of the sync: the histories must notice them
	$(BIN)/python -m tests.simulation.mutation
	$(BIN)/python -m tests.simulation.operators

bundle: system $(VENV)/.installed ## One-folder program in dist/, checked by itself
	$(BIN)/pyinstaller --noconfirm --log-level WARN build.spec
	dist/crm-desktop/crm-desktop --self-check

screenshots: system $(VENV)/.installed ## Every page as a picture in demo-output/screens, small and with ACCOUNTS=100000
	mkdir -p demo-output/screens resources/help/pictures
	$(BIN)/python -m server.sample.first_look
	CRM_MANY=$(or $(ACCOUNTS),100000) CRM_SCREENSHOTS=demo-output/screens CRM_HELP_PICTURES=resources/help/pictures \
		$(BIN)/pytest -q -m "gallery or not gallery" -n $(WORKERS) --dist worksteal tests/unit/ui/window/views tests/unit/ui/window/test_components.py

clean: ## Remove what was built
	rm -rf build dist demo-output demo-data .mypy_cache .ruff_cache .pytest_cache
