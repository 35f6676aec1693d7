# Two commands are enough: `make demo` and `make test`. Each prepares what it needs first.
# Windows: the same by hand, see README.md.

PYTHON ?= python3
RUN := .venv/bin/python

.PHONY: demo test setup prepare-tests check format bench machine faults screenshots docs pins bundle clean
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

# Three at a time on two cores: a test waits for its server and its browser a third of its time.
# What `make test` checks, with everything prepared. `make check ARGS="-k kiosk"` for some tests.
check:
	$(RUN) -m ruff format --check
	$(RUN) -m ruff check
	$(RUN) -m mypy
	$(RUN) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

format:
	$(RUN) -m ruff format
	$(RUN) -m ruff check --fix

# The figures in docs/performance.md.
bench: prepare-tests
	@$(RUN) -m bench $(ARGS)

# 20,000 sequences of whatever can happen to a queue (`make test` runs 500). ARGS="1000" for fewer.
machine: prepare-tests
	@PYTHONPATH=. $(RUN) tests/test_queue_machine.py $(or $(ARGS),20000)

# What breaks in a hall: power, disks, upgrades; lines, printers, receivers, clocks. Small sizes;
# the full ones are commands of their own: `.venv/bin/python -m faults power`, see docs/faults.md.
faults: prepare-tests
	@$(RUN) -m faults --quick
	$(RUN) -m pytest tests/test_screen_cut_off.py \
		tests/test_out_of_paper.py tests/test_printer_off.py tests/test_printer_dies_in_mid_slip.py \
		tests/test_receiver_fails.py tests/test_outbox_served.py tests/test_clock_jumps.py $(ARGS)

# The pictures in the README, taken from a running demo hall.
screenshots: prepare-tests
	@$(RUN) tools/screenshots.py $(ARGS)

# What the docs repeat of the code: config.toml and docs/settings.md, from hall/config.py.
docs: setup
	@$(RUN) tools/make_docs.py

# requirements.txt and requirements-test.txt again, from pyproject.toml.
pins:
	@$(PYTHON) tools/setup.py pins

# What a hall without internet is installed from: code, wheels, checksums, installer, in
# build/bundle/. ARGS="--windows" for Windows, ARGS="--python 3.12" for another Python.
bundle: setup
	@$(RUN) tools/bundle.py $(ARGS)

clean:
	rm -rf .venv build test-results .mypy_cache .pytest_cache .ruff_cache .hypothesis
