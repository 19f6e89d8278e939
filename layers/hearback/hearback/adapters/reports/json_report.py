"""report.json: the report for programs. Numbers are not rounded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class JsonReport:
    name: str = "report.json"
    content_type: str = "application/json"

    def write(self, report: Mapping[str, Any]) -> bytes:
        """The report's own order of fields, indented: people open this file too."""
        return (json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode(errors="replace")
