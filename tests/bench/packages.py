"""Folders as a function finds them: a yardstick with what it imports, and Lambda's own runtime client. Copied from this
interpreter's packages, so nothing is fetched.
"""

from __future__ import annotations

import compileall
import shutil
from importlib.metadata import Distribution, PackagePath, distribution
from pathlib import Path
from py_compile import PycInvalidationMode

from packaging.requirements import Requirement

RUNTIME_CLIENT = "awslambdaric"


def ship(names: list[str], folder: Path, *, compiled: bool) -> Path:
    """A folder with these packages and all that they need; without compiled files, as `sam build` makes it, unless asked."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in sorted(_closure(names)):
        for file in distribution(name).files or ():
            _copy(file, folder)
    if compiled:
        compile_all(folder)
    return folder


def compile_all(folder: Path) -> None:
    compileall.compile_dir(folder, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)


def _closure(names: list[str]) -> set[str]:
    found: set[str] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        wanted = waiting.pop()
        if wanted.name in found:
            continue
        found.add(wanted.name)
        extras = wanted.extras or {""}
        needs = (Requirement(each) for each in _needs(distribution(wanted.name)))
        waiting += [each for each in needs if not each.marker or any(each.marker.evaluate({"extra": extra}) for extra in extras)]
    return found


def _needs(package: Distribution) -> list[str]:
    return package.requires or []


def _copy(file: PackagePath, folder: Path) -> None:
    if file.suffix == ".pyc" or ".." in file.parts or "__pycache__" in file.parts:
        return
    target = folder / file
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(str(file.locate()), target)
