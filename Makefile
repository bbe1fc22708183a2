# From a fresh clone: `make book` builds the report, `make test` runs every test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Where the checkout lies, seen from site-packages: pip writes it out in full, and under LC_ALL=C Python 3.11
# and 3.12 do not even start on a path with a letter beyond ASCII.
HERE := cd $(BIN)/../lib/python3*/site-packages && echo ../../../.. > _aicompute.pth

.PHONY: book test check weekly figures clean

book: $(VENV)/book
	@$(BIN)/aicompute build

test: $(VENV)/test
	@scripts/require_browser
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# The parts that need seconds: style, types, the tables, and every test not marked slow.
check: $(VENV)/test
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/aicompute check
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not slow and not browser"

# The layer tables held to an independent counter, which needs PyTorch.
weekly: $(VENV)/test
	$(PIP) --editable '.[weekly]' --constraint constraints.txt
	@$(HERE)
	@$(BIN)/python -m pytest tests/weekly

# The committed figures are those of the built book; a test holds them to it.
figures: book
	@rm -rf figures && cp -r _build/html/_downloads/figures figures

$(VENV)/book: requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable . --constraint constraints.txt
	@$(HERE)
	@touch $@

$(VENV)/test: $(VENV)/book
	$(PIP) --editable '.[test]' --constraint constraints.txt
	@$(HERE)
	@scripts/lint_workflows --fetch || test $$? -eq 3 # without it the tests of workflows skip
	@touch $@

clean:
	rm -rf _build $(VENV)
