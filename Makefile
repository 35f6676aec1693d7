# Two commands are enough: `make demo` and `make test`. Each prepares what it needs first.
# Windows: the same by hand, see README.md.

PYTHON ?= python3
RUN := .venv/bin/python

.PHONY: demo test setup prepare-tests check format bench screenshots docs pins clean
.NOTPARALLEL:

# A lively hall at http://127.0.0.1:8000, with two months behind it. `make demo ARGS="--days 365"`
demo: setup
	@$(RUN) server.py demo $(ARGS)

# All that must hold before a change lands; pytest's closing line is the last one.
test: prepare-tests check

# .venv with the pinned packages. Afterwards .venv/bin/python server.py runs from any folder.
setup:
	@$(PYTHON) tools/setup.py

# That, what the tests need, Chromium and Chinese fonts.
prepare-tests:
	@$(PYTHON) tools/setup.py test

# What `make test` checks, with everything prepared. `make check ARGS="-k kiosk"` for some tests.
check:
	$(RUN) -m ruff format --check
	$(RUN) -m ruff check
	$(RUN) -m mypy
	$(RUN) -m pytest $(ARGS)

format:
	$(RUN) -m ruff format
	$(RUN) -m ruff check --fix

# The figures in docs/performance.md.
bench: prepare-tests
	@$(RUN) -m bench $(ARGS)

# The pictures in the README, taken from a running demo hall.
screenshots: prepare-tests
	@$(RUN) tools/screenshots.py $(ARGS)

# What the docs repeat of the code: config.toml and docs/settings.md, from hall/config.py.
docs: setup
	@$(RUN) tools/make_docs.py

# requirements.txt and requirements-test.txt again, from pyproject.toml.
pins:
	@$(PYTHON) tools/setup.py pins

clean:
	rm -rf .venv build test-results .mypy_cache .pytest_cache .ruff_cache .hypothesis
