"""The stack as CloudFormation gets it, for tests that read promises off it: template.yaml with everything that SAM adds."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TOOLS_PYTHON = ROOT / ".venv-tools" / "bin" / "python"
FUNCTIONS = sorted(handler.parent.name for handler in (ROOT / "functions").glob("*/handler.py"))


@cache
def expanded() -> dict[str, Any]:
    if not TOOLS_PYTHON.exists():
        pytest.fail("the tools' environment is missing: run `make test`, which makes it")
    done = subprocess.run([TOOLS_PYTHON, "-m", "tests.local.expand_template"], cwd=ROOT, capture_output=True, check=True)
    template: dict[str, Any] = json.loads(done.stdout)
    return template


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: resource["Properties"] for name, resource in expanded()["Resources"].items() if resource["Type"] == kind}


def logical(function: str) -> str:
    return "".join(word.capitalize() for word in function.split("_"))


def statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def name_of(reference: Any) -> str:
    """The logical id that a Ref or GetAtt names."""
    return str(reference["Ref"] if "Ref" in reference else reference["Fn::GetAtt"][0])
