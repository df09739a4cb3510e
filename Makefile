# 衡鉴: every command of the house. Two of them are the README's: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

.PHONY: demo test check lint types contracts bench bench-draw clean lock vendor

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
	$(BIN)/python -m pytest -q -n auto --dist loadfile

check: $(DEV) lint types contracts

lint: $(DEV)
	$(BIN)/ruff check .

types: $(DEV)
	$(BIN)/mypy

contracts: $(DEV)
	$(BIN)/lint-imports

bench: $(DEV)
	for each in benchmarks/bench_*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

bench-draw: $(DEV)
	$(BIN)/python benchmarks/bench_draw.py

lock:
	uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --no-strip-extras --python-version 3.11 setup.cfg -o requirements.txt
	uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --no-strip-extras --python-version 3.11 setup.cfg --extra dev -c requirements.txt -o requirements-dev.txt

vendor:
	$(BIN)/python tools/vendor.py
	$(BIN)/python tools/single_file_verify.py
	$(BIN)/python -m tools.browser_verify

clean:
	rm -rf var $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
