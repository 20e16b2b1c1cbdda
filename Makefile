# The commands of this repository. Each makes .venv when it is missing and renews it when the requirements have changed.
PYTHON = .venv/bin/python
# The gates read the settings of the tests: a home of their own, no secrets made in ./var.
TESTS = DJANGO_SETTINGS_MODULE=config.tests.settings

.PHONY: help run test test-long test-browser check hooks baseline format schema fuzz docs venv venv-dev venv-semgrep
.DEFAULT_GOAL := help

help:
	@echo "make run           serve web, worker and beat on http://127.0.0.1:8000 (PORT), state in ./var (GATEHOUSE_HOME)"
	@echo "make test          the whole suite, embedded (SQLite) and distributed (PostgreSQL, Redis, Celery, SMTP)"
	@echo "make test-long     sieges, revocation under load, far random walks, every boundary of every call: many minutes"
	@echo "make test-browser  the pages in a real Chromium"
	@echo "make check         the gates: style, types, floors, security, secrets, duplicates, dependencies, documents"
	@echo "make hooks         run the quick gates before each commit, in this clone"
	@echo "make baseline      take what the secret scan finds now for no secret"
	@echo "make format        ruff's fixes and formatting"
	@echo "make schema        renew docs/openapi.yaml"
	@echo "make fuzz          Schemathesis on every call of a running service, about CASES=20000 requests (SEED: repeat a run)"
	@echo "make docs          renew the documents made of the code: API, configuration, events, permissions, licences"

venv:
	@.ci/venv runtime

venv-dev:
	@.ci/venv dev

venv-semgrep:
	@.ci/venv semgrep

run: venv
	@exec $(PYTHON) -m config.serve

# The licences of what semgrep brings along are tested too.
test: venv-dev venv-semgrep
	@exec $(PYTHON) -m config.testing.run

# Sieges, revocation under load, keys that take turns, far walks, each boundary of each value of every call: minutes.
test-long: venv-dev
	@exec $(PYTHON) -m config.testing.run --long

test-browser: venv-dev
	@exec $(PYTHON) -m config.testing.run browser

# Several at a time; `make check GATES="lint types"` runs those named. config/testing/gates/catalogue.py says what each is.
check: venv-dev venv-semgrep
	@exec $(PYTHON) -m config.testing.gates $(GATES)

# The quick gates before each commit, in this clone.
hooks: venv-dev
	.venv/bin/pre-commit install

# Look at the diff of .secrets.baseline afterwards: everything in it counts as no secret.
baseline: venv-dev
	$(PYTHON) -m config.testing.gates.secrets_left --renew

format: venv-dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

schema: venv-dev
	$(TESTS) $(PYTHON) -m config.testing.schema

fuzz: venv-dev
	@exec $(PYTHON) -m config.testing.fuzz --cases $(or $(CASES),20000) $(if $(SEED),--seed $(SEED))

docs: venv-dev venv-semgrep
	$(TESTS) $(PYTHON) -m config.documents
