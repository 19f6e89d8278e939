"""Promises of requirements.lock and of what the layer `vendor` keeps of it."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import botocore
import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
SECTIONS = ("runtime", "analysis", "development", "tools", "scanners")


def script(name: str) -> ModuleType:
    """The scripts of the layer `vendor` belong to no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "layers" / "vendor" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def test_pruning_leaves_what_the_functions_use_and_nothing_else(tmp_path: Path) -> None:
    data = Path(botocore.__file__).parent / "data"
    kept = tmp_path / "botocore" / "data"
    for service in ("dynamodb", "ec2"):
        (kept / service).mkdir(parents=True)
    (kept / "endpoints.json").write_bytes((data / "endpoints.json").read_bytes())
    (tmp_path / "some" / "tests").mkdir(parents=True)
    (tmp_path / "some" / "test_cases.py").touch()
    (tmp_path / "some-1.0.dist-info").mkdir()

    script("prune").prune(tmp_path)

    assert [folder.name for folder in kept.iterdir() if folder.is_dir()] == ["dynamodb"]
    assert list((tmp_path / "some").iterdir()) == []
    assert not (tmp_path / "some-1.0.dist-info").exists()
    partitions = json.loads((kept / "endpoints.json").read_text(encoding="utf-8"))["partitions"]
    assert {"dynamodb", "s3", "sqs", "ssm", "email", "states"} == partitions[0]["services"].keys()


def test_every_service_that_the_functions_call_is_in_botocore() -> None:
    data = Path(botocore.__file__).parent / "data"
    assert all((data / service).is_dir() for service in script("prune").SERVICES)


def test_every_client_that_the_package_makes_is_for_a_service_that_the_layer_keeps() -> None:
    sources = (file.read_text(encoding="utf-8") for file in (ROOT / "layers" / "hearback" / "hearback").rglob("*.py"))
    made = {name for source in sources for name in re.findall(r"(?:\.client|create_client|aws_client|client)\(\s*\"(\w+)\"", source)}
    assert made <= set(script("prune").SERVICES)
