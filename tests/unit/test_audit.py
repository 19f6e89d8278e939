"""Promises of `make audit`: what could not be looked up is never called safe."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

VENDOR = Path(__file__).parents[2] / "layers" / "vendor"
FOUND = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1", "3.0"]}]}
CLEAN: dict[str, Any] = {"name": "boto3", "version": "1.0", "vulns": []}
SKIPPED = {"name": "tzdata", "skip_reason": "Dependency not found"}


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(VENDOR))
    spec = importlib.util.spec_from_file_location("audit", VENDOR / "audit.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "audit", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("packages", "code"),
    [([CLEAN], 0), ([CLEAN, FOUND], 1), ([CLEAN, SKIPPED], 2), ([SKIPPED], 2), ([FOUND, SKIPPED], 1), ([], 2)],
)
def test_a_package_that_nobody_could_look_up_is_no_all_clear(audit: Any, packages: list[Any], code: int) -> None:
    assert audit.verdict({"dependencies": packages}).exit_code == code


def test_a_weakness_is_told_with_the_version_that_mends_it(audit: Any) -> None:
    assert audit.verdict({"dependencies": [FOUND]}).weak == ["jinja2 2.0: CVE-1, mended in 2.1, 3.0"]


def test_only_what_is_shipped_is_asked_about(audit: Any) -> None:
    assert audit.SHIPPED == ("runtime", "analysis")
