"""The time and chance of the running system."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True)
class SystemClock:
    """The machine's time. `offset_file` (local clouds only) holds {"offset_seconds": n}, read anew at every look."""

    offset_file: str = ""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._offset())

    def _offset(self) -> float:
        if not self.offset_file:
            return 0.0
        try:
            return float(json.loads(Path(self.offset_file).read_text())["offset_seconds"])
        except FileNotFoundError:
            return 0.0


@dataclass(frozen=True)
class SystemChance:
    def token(self) -> str:
        return secrets.token_urlsafe(15)
