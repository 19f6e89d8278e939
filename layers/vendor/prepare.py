# ruff: noqa: INP001 - a script that the build runs, no package
"""Compile what @dataclass writes for the classes of the package, once for all cold starts (hearback/__init__.py reads it).

python -I -S prepare.py FOLDER_THAT_HOLDS_HEARBACK

The modules are imported to that end; whatever they import besides the standard library is stood in for, so that the result does
not depend on what is installed here.
"""

import dataclasses
import importlib.util
import marshal
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any


class _Anything(type):
    """A class that can be called, subclassed, subscripted and decorated with, and has every attribute."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn

    def __getitem__(cls, _: Any) -> Any:
        return cls

    def __or__(cls, _: Any) -> Any:
        return cls

    __ror__ = __or__


class StandIn(metaclass=_Anything):
    def __new__(cls, *given: Any, **_: Any) -> Any:
        """As a decorator it changes nothing."""
        return given[0] if cls is StandIn and given and callable(given[0]) else super().__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *given: Any, **_: Any) -> Any:
        return given[0] if given else StandIn()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()


class _StandInModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn


class _StandIns(MetaPathFinder, Loader):
    """Comes last: it is asked for what nobody else has."""

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        return None if name.partition(".")[0] == "hearback" else ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def compiled_in(site: Path) -> dict[str, bytes]:
    """Each text that @dataclass executes while the package is imported, with its code."""
    held: dict[str, bytes] = {}

    def remember(text: str, *scopes: Any) -> None:
        code = compile(text, "<dataclass>", "exec")
        held[text] = marshal.dumps(code)
        exec(code, *scopes)  # noqa: S102 - it stands where dataclasses calls exec

    vars(dataclasses)["exec"] = remember
    sys.meta_path.append(_StandIns())
    sys.path.insert(0, str(site))
    for file in sorted((site / "hearback").rglob("*.py")):
        _import(".".join(file.relative_to(site).with_suffix("").parts).removesuffix(".__init__"))
    return held


def _import(name: str) -> None:
    """A module that cannot do with stand-ins costs time at each cold start, but no build."""
    try:
        importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - whatever a module does when it is imported
        print(f"WARNING: the classes of {name} are not compiled in advance: {error!r}", file=sys.stderr)  # noqa: T201 - a script


def prepare(site: Path) -> None:
    target = site / "hearback" / "__pycache__" / f"dataclasses.{sys.implementation.cache_tag}.bin"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(importlib.util.MAGIC_NUMBER + marshal.dumps(compiled_in(site)))


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
