"""Promises of what is deployed, looked at as `sam build` left it: compiled, without tests, with every operation that is called."""

from __future__ import annotations

import json
import subprocess
from importlib.util import cache_from_source, source_hash
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session

from tests.aws_calls import called, clients_made, own_methods
from tests.local.client import Client
from tests.local.instance import TOOLS_PYTHON
from tests.local.settings import ROOT
from tests.scripts import script

UNCHECKED_HASH = (1).to_bytes(4, "little")
"""The flags of a .pyc that is taken as it is, whatever the times of files in a zip say."""


@pytest.fixture(scope="module")
def build(cloud: Client) -> Path:
    """What the local cloud has deployed."""
    return ROOT / ".local" / "build" / "sam"


@pytest.fixture(scope="module")
def magic() -> bytes:
    """By which the interpreter that runs the functions knows its own compiled files."""
    return bytes.fromhex(_says("import importlib.util; print(importlib.util.MAGIC_NUMBER.hex())"))


def _says(program: str, *layers: Path) -> str:
    """What the functions' interpreter prints, which can import these folders and its own library."""
    environment = {"PYTHONPATH": ":".join(map(str, layers)), "AWS_DEFAULT_REGION": "eu-central-1"}
    return subprocess.run([TOOLS_PYTHON, "-S", "-c", program], env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def test_every_module_is_there_compiled_for_the_runtime(build: Path, magic: bytes) -> None:
    modules = list(build.rglob("*.py"))
    assert len(modules) > 1000
    wrong = [str(each.relative_to(build)) for each in modules if _header(each) != magic + UNCHECKED_HASH + source_hash(each.read_bytes())]
    assert wrong == []


def _header(module: Path) -> bytes:
    compiled = Path(cache_from_source(str(module)))
    return compiled.read_bytes()[:16] if compiled.exists() else b""


def test_nothing_is_compiled_that_is_not_there(build: Path) -> None:
    sources = {cache_from_source(str(each)) for each in build.rglob("*.py")}
    assert {str(each) for each in build.rglob("*.pyc")} <= sources


def test_the_classes_of_the_package_are_compiled_in_advance(build: Path, magic: bytes) -> None:
    (prepared,) = (build / "Hearback").rglob("dataclasses.*.bin")
    assert prepared.read_bytes().startswith(magic)


def test_no_tests_are_deployed(build: Path) -> None:
    folders = script("prune").TEST_FOLDERS
    names = [each for each in build.rglob("*") if each.name in (*folders, "conftest.py") or each.match("test_*.py")]
    assert names == []


LIST_OPERATIONS = """
import json
from botocore.session import get_session
session = get_session()
services = session.get_available_services()
made = {name: session.create_client(name, aws_access_key_id="a", aws_secret_access_key="b") for name in services}
print(json.dumps({name: list(client.meta.service_model.operation_names) for name, client in made.items()}))
"""


def test_every_operation_that_is_called_is_in_the_layer(build: Path) -> None:
    shipped: dict[str, list[str]] = json.loads(_says(LIST_OPERATIONS, build / "Vendor" / "python"))
    functions = [build / name for name in _functions(build)]
    ours = [build / "Hearback", *functions]
    assert clients_made(ours) <= shipped.keys()
    asked = called(ours) - own_methods(ours)
    missing = {name: _methods(name) & asked - {xform_name(each) for each in operations} for name, operations in shipped.items()}
    assert not any(missing.values()), missing


def _methods(service: str) -> set[str]:
    """All that botocore's own model knows."""
    model: Any = get_session().get_service_model(service)
    return {xform_name(name) for name in model.operation_names}


def _functions(build: Path) -> list[str]:
    return [each.parent.name for each in build.glob("*/handler.py")]


def test_no_function_is_larger_than_lambda_takes(build: Path) -> None:
    assert script("weigh").main(build) == 0


def test_a_function_that_somebody_waits_for_is_small(build: Path) -> None:
    weight = script("weigh").weight
    assert sum(weight(build / name) for name in ("RatingCallback", "Vendor", "Hearback")) < 50_000_000
