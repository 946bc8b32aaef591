# make run    demo city when the lake is empty, then the dashboard on 127.0.0.1
# make test   style and all tests, the browser ones included
# Both set up everything they need; a second start is quick.
#
# make lint   style alone        make bench  measure what the README reports
# make lock   compile the pins   make clean  drop what can be made again, never the lake
# make spark-check   a cluster of Apache Spark writes the marts that DuckDB writes
# make duckdb-check VERSION=2.0.1   another DuckDB writes the marts that the pinned one does
#
# make bulletin MONTH=2016-07   circular as DOCX and PDF and all briefs, into OUT
#
#   make run LAKE=/srv/ledgers PORT=8600
#   make run LAKE=s3://ledgers/fuzhou
#   make run PYTHON=/usr/local/bin/python3.13
#   make test PYTEST_ARGS="tests/browser -k fixtures" WORKERS=0
#   SCREENSHOTS=1 make test PYTEST_ARGS=tests/browser/test_looks.py   into artifacts/

LAKE ?= parquet
PORT ?= 8501
WORKERS ?= 2
PYTEST_ARGS ?=
MONTH ?=
OUT ?= bulletins
VERSION ?=

VENV := .venv
PY := $(VENV)/bin/python
export VENV PYTHON

.DEFAULT_GOAL := help
.PHONY: help run bulletin test lint docs bench spark-check duckdb-check lock clean setup setup-dev

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

# A lake in a bucket needs the client of the object store.
setup:
	@sh setup/python_environment.sh \
		$(if $(filter s3://%,$(LAKE)),requirements-s3.txt,requirements.txt)

setup-dev:
	@sh setup/python_environment.sh requirements-dev.txt

# A lake without CURRENT was never built; `--if-empty` leaves real submissions alone and
# goes on with a demo city that was cut short.
run: setup
	@if [ ! -e "$(LAKE)/CURRENT" ]; then \
		$(PY) -m data_pipeline demo --lake "$(LAKE)" --if-empty; \
	fi
	@$(PY) -m data_pipeline build --if-stale --lake "$(LAKE)"
	LEDGER_LAKE="$(LAKE)" $(PY) -m ui.server \
		--server.address 127.0.0.1 --server.port $(PORT)

# All is written even where rules found faults; make then ends with an error.
bulletin: setup
	@test -n "$(MONTH)" || { echo "say which month: make bulletin MONTH=2016-07" >&2; exit 2; }
	@$(PY) -m data_pipeline build --lake "$(LAKE)"
	@mkdir -p "$(OUT)/$(MONTH)"
	@code=0; \
	for ending in docx pdf; do \
		$(PY) -m reports bulletin --lake "$(LAKE)" --month "$(MONTH)" \
			--out "$(OUT)/$(MONTH)/$(MONTH).$$ending" || code=$$?; \
	done; \
	$(PY) -m reports brief --lake "$(LAKE)" --month "$(MONTH)" \
		--out "$(OUT)/$(MONTH)/briefs" || code=$$?; \
	exit $$code

lint: setup-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

test: lint
	@sh setup/browser.sh
	$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

docs: setup-dev
	$(PY) -m reports.documents
	$(PY) -m data_pipeline.marts_page
	$(PY) -m setup.licences

bench: setup-dev
	$(PY) -m benchmarks

spark-check: setup-dev
	@sh setup/spark.sh
	$(PY) -m benchmarks.spark_check

duckdb-check: setup-dev
	@test -n "$(VERSION)" || { echo "say which: make duckdb-check VERSION=2.0.1" >&2; exit 2; }
	$(PY) -m benchmarks.duckdb_versions $(VERSION)

# Keeps the pins that still fit; `make lock UPGRADE=--upgrade` moves them.
UPGRADE ?=
lock: setup-dev
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --quiet uv
	$(PY) -m uv pip compile --universal --generate-hashes -p 3.11 $(UPGRADE) \
		-c setup/constraints.in pyproject.toml -o requirements.txt --quiet
	$(PY) -m uv pip compile --universal --generate-hashes -p 3.11 $(UPGRADE) \
		--extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt --quiet
	$(PY) -m uv pip compile --universal --generate-hashes -p 3.11 $(UPGRADE) \
		--extra s3 -c requirements.txt pyproject.toml -o requirements-s3.txt --quiet
	$(PY) -m uv pip compile --universal --generate-hashes -p 3.11 $(UPGRADE) \
		setup/spark.in -o requirements-spark.txt --quiet

clean:
	rm -rf $(VENV) .venv-spark artifacts .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
