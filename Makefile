# 衡鉴: every command of the house. Two of them are the README's: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

.PHONY: demo test check lint types contracts fuzz tour oracles bench bench-draw clean lock vendor

demo: $(STAMP)
	$(BIN)/hengjian demo $(if $(ONCE),--once,)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(STAMP): requirements.txt setup.cfg | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(DEV): requirements-dev.txt $(STAMP)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

test: $(DEV)
	sh tools/system_packages.sh
	$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder --max-worker-restart=0

check: $(DEV) lint types contracts

lint: $(DEV)
	$(BIN)/ruff check .

types: $(DEV)
	$(BIN)/mypy

contracts: $(DEV)
	$(BIN)/lint-imports

# every text of the corpus in every field of every route; the suite runs a seeded part of it
fuzz: $(DEV)
	HENGJIAN_FULL_CORPUS=1 $(BIN)/python -m pytest -q tests/inspection/web/test_bad_input.py

# every page of every role as a picture, to be looked at: var/screenshots
tour: $(DEV)
	$(BIN)/python -m tools.screenshots

# the reference values of other statistical packages, one line per function
oracles: $(DEV)
	$(BIN)/python tests/golden/check.py tests/golden/statistics.json tests/golden/adapter.py

# the benchmarks use the builders of the tests
bench bench-draw: export PYTHONPATH = $(CURDIR)

bench: $(DEV)
	for each in benchmarks/bench_*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

bench-draw: $(DEV)
	$(BIN)/python benchmarks/bench_draw.py
	$(BIN)/python benchmarks/bench_draw_application.py
	$(BIN)/python benchmarks/bench_browser.py

lock:
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --no-strip-extras --python-version 3.11 setup.cfg -o requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --no-strip-extras --python-version 3.11 setup.cfg --extra dev -c requirements.txt -o requirements-dev.txt

vendor:
	$(BIN)/python tools/vendor.py
	$(BIN)/python tools/single_file_verify.py
	$(BIN)/python -m tools.browser_verify

clean:
	rm -rf var $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
