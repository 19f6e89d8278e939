"""The pointer `latest.json`: per period the newest complete report, and beside it the one that is still running.

It names a report only while the files' bytes are the ones whose hashes it gives: an entry is withdrawn before its files
are replaced and comes back after. So a crash leaves names missing at worst, never wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from hearback.domain.scoring.digest import canonical
from hearback.domain.scoring.windows import Span

Files = Mapping[str, tuple[str, bytes]]
"""A report's files: the file's name to its key and its bytes."""


class Latest:
    def __init__(self, survey: str, stored: bytes | None) -> None:
        plain = json.loads(stored) if stored else {}
        self._survey = survey
        self._ended: dict[str, dict[str, Any]] = dict(plain.get("reports", {}))
        self._running: dict[str, dict[str, Any]] = dict(plain.get("running", {}))

    def withdraw(self, span: Span, files: Files) -> bool:
        """Stop naming a report whose bytes are about to change; False when it was not named, or stays as it is."""
        entry = _entry(span, files)
        changed = False
        for named in (self._ended, self._running):
            held = named.get(span.period.value)
            if held is not None and held["start"] == entry["start"] and held["files"] != entry["files"]:
                del named[span.period.value]
                changed = True
        return changed

    def add(self, span: Span, files: Files) -> None:
        """Name a report that has been written, if it is the newest of its kind."""
        kind, entry = span.period.value, _entry(span, files)
        ended, running = self._ended.get(kind), self._running.get(kind)
        if span.complete:
            if ended is None or ended["start"] <= entry["start"]:
                self._ended[kind] = entry
        elif running is None or running["start"] <= entry["start"]:
            self._running[kind] = entry
        ended, running = self._ended.get(kind), self._running.get(kind)
        if ended is not None and running is not None and running["start"] <= ended["start"]:
            del self._running[kind]

    def to_bytes(self) -> bytes:
        return canonical({"survey": self._survey, "reports": self._ended, "running": self._running})


def _entry(span: Span, files: Files) -> dict[str, Any]:
    return {
        "start": span.start.isoformat(),
        "end": span.end.isoformat(),
        "files": {name: {"key": key, "sha256": hashlib.sha256(body).hexdigest()} for name, (key, body) in sorted(files.items())},
    }
