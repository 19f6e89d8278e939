"""For all tests: drawn examples are the same in every run, unless one goes exploring with HEARBACK_TEST_EXPLORE=1; and several
processes share the files out among them (tests/spreading.py).
"""

import os

import pytest
from hypothesis import settings
from xdist.remote import Producer  # type: ignore[import-untyped]

from tests.spreading import Spreading

settings.register_profile("same", derandomize=True, database=None)
settings.register_profile("explore", print_blob=True)
settings.load_profile("explore" if os.environ.get("HEARBACK_TEST_EXPLORE") else "same")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spreading:
    return Spreading(config, log)
