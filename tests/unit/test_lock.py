"""Promises of requirements.lock."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scripts import script

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
SECTIONS = ("runtime", "analysis", "development", "tools", "scanners")


@pytest.mark.parametrize("name", SECTIONS)
def test_every_package_is_pinned_and_hashed(name: str) -> None:
    entries = script("lock")._entries(script("lock").section(LOCK, name))
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+(\[[a-z0-9, -]+\])?==[\w.!+]+( ;[^\\]+)? \\\n    --hash=sha256:[0-9a-f]{64}", entry), entry


def test_the_lock_names_no_registry_and_no_folder() -> None:
    assert not re.search(r"://|^--(index|find|extra)|@ ", LOCK, re.MULTILINE)


def test_the_functions_get_no_tracer() -> None:
    assert "aws-xray-sdk" not in script("lock").section(LOCK, "runtime")
