"""Promises of the code that the build compiles for @dataclass (layers/vendor/prepare.py), and of its use (hearback/__init__.py)."""

from __future__ import annotations

import json
import marshal
import shutil
import subprocess
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

LOOK = """
import dataclasses, importlib, json, sys
from pathlib import Path
import hearback

inner = getattr(dataclasses, "exec", exec)
told = {"hooked": hasattr(dataclasses, "exec"), "executed": []}

def spy(text, *scopes):
    if scopes[0].get("__name__", "").startswith("hearback"):
        told["executed"].append(text)
    inner(text, *scopes)

dataclasses.exec = spy
for file in sorted(Path(hearback.__file__).parent.rglob("*.py")):
    name = ".".join(file.relative_to(Path(hearback.__file__).parents[1]).with_suffix("").parts).removesuffix(".__init__")
    importlib.import_module(name)

from hearback.domain.survey import Scale, Style
scale = Scale(1, 5, Style.STARS)
told["shown"] = repr(scale)
told["same"] = [scale == Scale(1, 5, Style.STARS), scale != Scale(1, 7, Style.STARS), hash(scale) == hash(Scale(1, 5, Style.STARS))]
told["replaced"] = dataclasses.replace(scale, max=7).max
told["fields"] = [each.name for each in dataclasses.fields(scale)]
try:
    scale.max = 9
except dataclasses.FrozenInstanceError as error:
    told["frozen"] = str(error)
print(json.dumps(told))
"""


def package_in(folder: Path) -> Path:
    shutil.copytree(ROOT / "layers" / "hearback" / "hearback", folder / "hearback", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def prepared(folder: Path) -> Path:
    """Built as the layer is."""
    script = ROOT / "layers" / "vendor" / "prepare.py"
    done = subprocess.run([sys.executable, "-I", "-S", "-B", str(script), str(folder)], capture_output=True, text=True, check=True)
    assert not done.stderr, "a module could not be imported"
    return folder


def looked_at(folder: Path) -> Any:
    environment = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def code_file(folder: Path) -> Path:
    return folder / "hearback" / "__pycache__" / f"dataclasses.{sys.implementation.cache_tag}.bin"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(package_in(tmp_path_factory.mktemp("built")))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What Python tells of the package as it is in the repository."""
    return looked_at(package_in(tmp_path_factory.mktemp("plain")))


def test_no_class_of_the_package_is_compiled_when_a_process_starts(built: Path) -> None:
    held = marshal.loads(code_file(built).read_bytes()[len(MAGIC_NUMBER) :])
    seen = looked_at(built)
    assert seen["hooked"]
    assert len(seen["executed"]) > 100
    assert set(seen["executed"]) <= set(held)


def test_the_classes_are_what_they_are_without_the_build(built: Path, plain: Any) -> None:
    assert not plain["hooked"]
    assert {**looked_at(built), "hooked": False} == plain


def test_code_for_another_python_is_left_alone(tmp_path: Path, plain: Any) -> None:
    folder = prepared(package_in(tmp_path))
    code_file(folder).write_bytes(b"\0\0\0\0" + code_file(folder).read_bytes()[len(MAGIC_NUMBER) :])
    assert looked_at(folder) == plain


def test_a_class_that_the_build_did_not_see_is_compiled_as_ever(tmp_path: Path, plain: Any) -> None:
    folder = package_in(tmp_path)
    code_file(folder).parent.mkdir()
    code_file(folder).write_bytes(MAGIC_NUMBER + marshal.dumps({}))
    assert {**looked_at(folder), "hooked": False} == plain


def test_preparing_twice_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    assert code_file(prepared(package_in(tmp_path))).read_bytes() == code_file(built).read_bytes()
