"""For all tests: drawn examples are the same in every run, unless one goes exploring with HEARBACK_TEST_EXPLORE=1."""

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, database=None)
settings.register_profile("explore", print_blob=True)
settings.load_profile("explore" if os.environ.get("HEARBACK_TEST_EXPLORE") else "same")
