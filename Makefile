# make run: set up and run the main job. make test: set up and run every check. make docs: the site.
# Needs Python >= 3.11.
PYTHON ?= python3
BIN := .venv/bin
EXTRAS ?= dev

.PHONY: run test docs setup clean

run: setup
	$(BIN)/python -m experiments.run problem=deployment/resnet scenario=memory_pressure searcher=warm

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto

docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "open build/site/index.html"

# A stamp for each set of extras: another set is installed when it is first asked for.
READY := .venv/ready-$(EXTRAS)

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "dmo-lab needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$(EXTRAS)]'
	@touch $@

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache
