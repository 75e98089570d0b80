# kbase: `make serve` shows the knowledge base in a browser, `make test` runs all tests.
# Needs a Python from 3.11 to 3.14 and make; everything else goes into .venv.

PORT ?= 8080
OUT ?= build/reference
PYTHON ?= $(shell for name in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
	2>/dev/null && echo $$name && break; done)
PIP = .venv/bin/python -m pip --disable-pip-version-check --quiet
UV_COMPILE = .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url pyproject.toml

export PYTHONUTF8 = 1

.PHONY: serve test test-fast lint lock wheel reference docs readme add-release bench bench-growth bench-kill bench-load bench-reference fuzz audit clean
.DELETE_ON_ERROR:

serve: .venv/installed
	.venv/bin/kbase serve --port $(PORT)

# A file of tests runs in one process: what its tests share is made once.
test: .venv/installed-dev node_modules/installed
	.venv/bin/python -m pytest --numprocesses auto --dist loadfile

# What needs no whole kernel and no browser, and takes no seconds: under a minute on two cores.
test-fast: .venv/installed-dev
	.venv/bin/python -m pytest --numprocesses auto --dist loadfile -m 'not slow'

lint: .venv/installed-dev
	.venv/bin/ruff check
	.venv/bin/mypy

wheel: .venv/installed
	$(PIP) wheel --no-build-isolation --no-deps --wheel-dir dist .
	@ls dist/*.whl

reference: .venv/installed
	.venv/bin/kbase reference $(OUT)

# The documentation, in build/docs: it shows facts of the bundled corpus.
docs: .venv/installed
	.venv/bin/kbase build --db build/docs-database
	.venv/bin/python docs/architecture_drawing.py
	.venv/bin/python -m sphinx -q -W -d build/docs-cache -D kbase_db=$(CURDIR)/build/docs-database docs build/docs

# Updates the examples in README and docs, and the tables that the program defines.
readme: .venv/installed-dev
	.venv/bin/python tests/test_docs.py

# Adds the facts of a release to the bundled corpus; TREE is a source as `kbase build` takes it.
add-release: .venv/installed
	@if [ -z "$(TREE)" ] || [ -z "$(ORIGIN)" ]; then echo "name the tree and its origin: make add-release \
	TREE=~/src/linux-7.2 ORIGIN='tag v7.2; label: verified by the tag'" >&2; exit 1; fi
	rm -rf build/release
	.venv/bin/kbase build --without-bundled --db build/release $(TREE)
	.venv/bin/kbase export --db build/release --format documents --origin '$(ORIGIN)' corpus
	git status --short corpus

# Every cost beside something known, and one table of the ratios at the end: an hour at most. DB: a database to measure on.
DB ?= build/bench
bench: .venv/installed-dev
	.venv/bin/kbase build --db $(DB) $(wildcard ../shared/corpus/linux)
	.venv/bin/python tests/bench/bench_search.py $(DB) $(wildcard ../shared/queries.tsv)
	.venv/bin/python tests/bench/bench_diff.py $(DB)
	.venv/bin/python tests/bench/bench_web.py $(DB)
	.venv/bin/python tests/bench/bench_growth.py
	.venv/bin/python tests/bench/bench_archive.py
	.venv/bin/python tests/bench/bench_callers.py
	.venv/bin/python tests/bench/bench_port.py
	.venv/bin/python tests/bench/bench_load.py
	.venv/bin/python tests/bench/bench_cli.py
	.venv/bin/python tests/bench/bench_reference.py
	.venv/bin/python tests/bench/ratios.py

# Builds of four jobs, ended by SIGKILL and SIGTERM in every stage, 200 of them: a quarter of an hour.
bench-kill: .venv/installed-dev
	.venv/bin/python tests/bench/bench_kill.py

# Builds over ever more tags of the same documents, and over ever more documents.
bench-growth: .venv/installed-dev
	.venv/bin/python tests/bench/bench_growth.py

# Twenty visitors, 20,000 requests, while builds swap in.
bench-load: .venv/installed-dev
	.venv/bin/python tests/bench/bench_load.py

# The reference beside plain Sphinx projects of the same pages, all versions by each builder, rebuilds: half an hour.
bench-reference: .venv/installed-dev
	.venv/bin/python tests/bench/bench_reference.py

# Coverage-guided fuzzing, FUZZ_SECONDS a target; what it finds lies in build/fuzz.
FUZZ_SECONDS ?= 180
FUZZ_TARGETS ?= parsers archives git patterns
fuzz: .venv/installed-tools
	for target in $(FUZZ_TARGETS); do .venv/bin/python tests/bench/fuzz.py $$target $(FUZZ_SECONDS) || exit; done

# Known vulnerabilities of what is installed to run; fails where the net or the database of them cannot be asked.
audit: .venv/installed-tools
	.venv/bin/python tests/bench/audit.py .venv/bin/pip-audit --disable-pip --require-hashes \
		--requirement requirements.txt --format json --progress-spinner off

# Pins the newest releases that pyproject.toml permits, for every Python it permits.
lock: .venv/installed-dev
	$(UV_COMPILE) --group build --group dev --output-file requirements-dev.txt
	$(UV_COMPILE) --constraints requirements-dev.txt --output-file requirements.txt
	$(UV_COMPILE:pyproject.toml=) --constraints requirements-dev.txt --group tools --output-file requirements-tools.txt
	$(UV_COMPILE:pyproject.toml=) --constraints requirements-dev.txt --group build --output-file requirements-build.txt

clean:
	rm -rf .venv node_modules build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo "kbase needs a Python from 3.11 to 3.14 with its venv module \
	(on Debian and Ubuntu: apt-get install python3-venv), or PYTHON=/path/to/python" >&2; exit 1; fi
	$(PYTHON) -m venv .venv

# The build tools come first: pip itself is one of them.
.venv/installed: requirements-build.txt requirements.txt pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements-build.txt
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-build-isolation --no-deps --editable .
	.venv/bin/python -m compileall -q kbase  # as pip does for a wheel, so that the first start is a fast one
	@touch $@

# What looks at the pages: axe and the W3C checker. Without npm the tests that need them are skipped, with CI=true they fail.
node_modules/installed: package.json package-lock.json
	-npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

.venv/installed-tools: .venv/installed-dev requirements-tools.txt
	$(PIP) install --require-hashes -r requirements-tools.txt
	@touch $@
