"""Lets schemathesis get past the first 404: half of its cases name what is there. Runs in the scanners' environment."""

from __future__ import annotations

import json
import os
import random
import urllib.request
from typing import Any

import schemathesis  # type: ignore[import-not-found, unused-ignore]

with urllib.request.urlopen(os.environ["HEARBACK_FUZZ_KNOWN"], timeout=10) as answer:
    KNOWN: dict[str, str] = json.load(answer)
OPT_OUT = "/u/{token}"
FAMILIES = {f"/admin/{family}s/{{id}}": family for family in ("survey", "source", "channel", "sink")}
dice = random.Random(1)


@schemathesis.hook  # type: ignore[untyped-decorator, unused-ignore]
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    path = context.operation.path
    if not path_parameters or dice.random() < 0.5:
        return path_parameters
    names = {"token": "opt_out"} if path == OPT_OUT else {"id": FAMILIES[path]} if path in FAMILIES else {}
    return {name: KNOWN.get(names.get(name, name), value) for name, value in path_parameters.items()}
