# Otklik: `make help` lists the targets. PYTHON chooses the interpreter that makes .venv, PORT the port of the pages.

PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; exit; }; done; echo python3)
BIN = .venv/bin
PYTEST = $(BIN)/python -m pytest -p tests.servers
# One more at a time than there are cores, since some wait for processes of their own; tests/spread.py deals them out.
CORES = $(shell getconf _NPROCESSORS_ONLN)
MANY = -p tests.spread --dist loadscope

# Where the environment forbids compiled files, each of some hundred processes would compile everything anew.
test campaign guards soak counts: export PYTHONDONTWRITEBYTECODE =

MINUTES ?= 30
CUSTOMERS ?= 50000

.DEFAULT_GOAL := help
.PHONY: help demo up test lint campaign guards soak counts bench bench-reading bench-deciding bench-large bench-trial bench-draining bench-knowing lock sbom messages clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

demo: ## install, load demo data and run everything; Ctrl-C stops it
	@$(PYTHON) config/setup_env.py
	@exec $(BIN)/python manage.py up --demo

up: ## run everything on the data that are there
	@$(PYTHON) config/setup_env.py
	@exec $(BIN)/python manage.py up

test: ## all checks: style, types, tests on SQLite and PostgreSQL, browser tests
	@$(PYTHON) config/setup_env.py --dev
	@$(MAKE) --no-print-directory lint
	$(PYTEST) $(MANY) -n $$(($(CORES) + 1)) -m "not campaign"
	$(BIN)/python -m tests.with_postgres $(PYTEST) $(MANY) -n $(CORES) -m "database and not e2e and not campaign"

lint: ## style and types only
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

campaign: ## long runs under random kills, four at a time, each with its account; an hour
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m tests.campaign

guards: ## take each of the listed guards away in a copy of the code; a test has to notice
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m tests.guards.run

soak: ## half an hour of everything under load, a fault every 20 s; MINUTES sets how long
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m tests.campaign.soak --minutes $(MINUTES)

counts: ## 100,000 hostile changes on each database while whoever counts is killed; some hours
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m tests.campaign.counts
	$(BIN)/python -m tests.campaign.counts --postgres

bench: ## measure everything in docs/performance.md on both databases, in one table
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m bench

bench-reading: ## measure the reading list at a million comments; needs 5 GB of disk
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m bench.reading

bench-trial: ## measure the trial of a rule over 100,000 interactions
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m bench.trial

bench-draining: ## measure a customer's page while 50,000 comments wait to be read
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m bench.draining

bench-large: ## the dashboard and every page of the desk beside a million answers; needs 10 GB of disk
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m bench --rows 5 10 --answers 1000000

bench-knowing: ## each page about a period at a million answers, in many scopes; needs 5 GB of disk
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m bench.knowing

bench-deciding: ## measure the checks on PostgreSQL beside 50,000 customers; CUSTOMERS sets how many
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m bench.deciding --customers $(CUSTOMERS)

lock: ## pin requirements.in and requirements-dev.in with hashes
	@$(PYTHON) config/setup_env.py --dev
	$(BIN)/python -m pip install --quiet uv
	for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--custom-compile-command "make lock" --output-file $$name.txt $$name.in || exit 1; done

messages: ## collect and compile the translations (needs gettext)
	@$(PYTHON) config/setup_env.py
	@command -v msgfmt >/dev/null || { echo "gettext is not installed: apt install gettext"; exit 1; }
	$(BIN)/python manage.py makemessages --locale ru --locale en --add-location file \
		--extension html,txt,py,mjml \
		--ignore .venv --ignore data --ignore tests --ignore bench
	$(BIN)/python manage.py compilemessages --locale ru --locale en --ignore .venv

sbom: ## write the bill of materials of what Otklik runs on to sbom.json (CycloneDX)
	@$(PYTHON) config/setup_env.py
	$(BIN)/python -m config.sbom > sbom.json

clean: ## remove the environment and caches; the data stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
