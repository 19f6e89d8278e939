"""Prints the OpenAPI document of this version: `python -m hearback.runtime.api_document > .../adapters/admin/openapi.json`.

It is kept as a file, so that the function which serves it loads none of what it describes; a test says when it is old.
"""

from __future__ import annotations

import sys

from hearback.adapters.admin.openapi import as_bytes, openapi_document
from hearback.runtime.environment import Environment
from hearback.runtime.families import families
from hearback.runtime.wiring import Wiring

VERSION = "0.1.0"


def document() -> bytes:
    return as_bytes(openapi_document(families(Wiring(Environment.read({}))), VERSION))


if __name__ == "__main__":
    sys.stdout.buffer.write(document())
