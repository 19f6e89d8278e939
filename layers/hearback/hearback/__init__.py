"""Hearback: asks customers how it went, keeps every answer, forwards it, and tells what the answers prove.

@dataclass writes a class's methods as text and compiles it whenever a process starts: of our hundred classes that was a sixth of a
cold start. The build compiles these texts once (layers/vendor/prepare.py); a text that is not among them is compiled as ever.
Inside Lambda the collector rests from here on until the handler is built (runtime/entrypoint.py).
"""

from __future__ import annotations

import dataclasses
import gc
import marshal
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any


def _use_what_the_build_compiled(file: Path) -> None:
    """Where nothing was built, or for another Python, nothing changes."""
    try:
        held = file.read_bytes()
    except FileNotFoundError:
        return
    if not held.startswith(MAGIC_NUMBER):
        return
    compiled: dict[str, bytes] = marshal.loads(held[len(MAGIC_NUMBER) :])  # noqa: S302 - as trusted as the .pyc beside it

    def execute(text: str, *scopes: Any) -> None:
        exec(marshal.loads(compiled[text]) if text in compiled else text, *scopes)  # noqa: S102, S302 - dataclasses calls exec here

    vars(dataclasses)["exec"] = execute


_use_what_the_build_compiled(Path(__file__).parent / "__pycache__" / f"dataclasses.{sys.implementation.cache_tag}.bin")

from hearback.runtime.environment import inside_lambda  # noqa: E402 - it has a dataclass too

if inside_lambda():
    gc.disable()
