"""The lake as Parquet files, written by DuckDB: lake/answers/survey={id}/dt={day}/part-00000.parquet, ...

Answers are spooled to disk as the JSON they are stored as, and DuckDB takes them apart: memory stays the same for any day, and
Python looks at no value. One thread, one order and no times inside: the same ledger gives the same bytes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any

from hearback.adapters.lake.columns import SELECT
from hearback.ports import Blobs, LedgerEntry

ROOT = "lake/answers"
CONTENT_TYPE = "application/vnd.apache.parquet"

ROWS_PER_PART = 250_000
BYTES_PER_PART = 128 * 1024 * 1024
"""A part ends with whichever comes first: Lambda's /tmp holds 512 MB, and a customer may write 5,000 characters."""

_LINES_AT_ONCE = 500
_SETTINGS: dict[str, str | int | bool] = {
    "threads": 1,
    "memory_limit": "128MB",
    "autoinstall_known_extensions": False,  # nothing is fetched
    "autoload_known_extensions": False,
}


class ParquetLake:
    def __init__(self, blobs: Blobs, *, rows_per_part: int = ROWS_PER_PART, bytes_per_part: int = BYTES_PER_PART) -> None:
        self._blobs, self._rows, self._bytes = blobs, rows_per_part, bytes_per_part

    @contextmanager
    def replacing(self, survey: str, day: date, share: str = "") -> Iterator[ParquetDay]:
        folder = _folder(survey, day)
        prefix = f"{folder}{share}-" if share else folder
        with tempfile.TemporaryDirectory(prefix="lake-") as disk:
            spool = ParquetDay(Path(disk), self._rows, self._bytes)
            try:
                yield spool
                spool.finish()
            finally:
                spool.close()
            kept = [f"{folder}{share or 'part'}-{n:05}.parquet" for n in range(len(spool.parts))]
            for key, part in zip(kept, spool.parts, strict=True):
                spool.written += self._blobs.put(key, part.read_bytes(), CONTENT_TYPE)
            spool.written += self._remove(prefix, set(kept))

    def keep_only(self, survey: str, day: date, shares: Collection[str]) -> int:
        folder = _folder(survey, day)
        stays = {key for share in shares for key in self._blobs.keys(f"{folder}{share}-")}
        return self._remove(folder, stays)

    def _remove(self, prefix: str, kept: set[str]) -> int:
        gone = [key for key in self._blobs.keys(prefix) if key not in kept]
        for key in gone:
            self._blobs.delete(key)
        return len(gone)


class ParquetDay:
    """What is being written: lines on disk, and a file of Parquet for every so many of them."""

    def __init__(self, disk: Path, rows: int, bytes_: int) -> None:
        self.parts: list[Path] = []
        self.written = 0
        self._disk, self._most_rows, self._most_bytes = disk, rows, bytes_
        self._lines: list[str] = []
        self._spool: IO[bytes] | None = None
        self._rows = self._bytes = 0

    def add(self, entry: LedgerEntry) -> None:
        answer = entry.answer_text or json.dumps(entry.answer, ensure_ascii=False)
        facts = entry.facts_text or json.dumps(entry.facts, ensure_ascii=False)
        self._lines.append(f'{{"i":"{entry.invitation_id}","v":{entry.answer["version"]},"a":{answer},"f":{facts}}}\n')
        self._rows += 1
        if len(self._lines) >= _LINES_AT_ONCE or self._rows >= self._most_rows:
            self._flush()

    def finish(self) -> None:
        self._flush()
        self._end_part()

    def close(self) -> None:
        if self._spool is not None:
            self._spool.close()

    def _flush(self) -> None:
        if not self._lines:
            return
        if self._spool is None:
            self._spool = (self._disk / "lines.json").open("wb")
        chunk = "".join(self._lines).encode(errors="replace")
        self._lines.clear()
        self._spool.write(chunk)
        self._bytes += len(chunk)
        if self._rows >= self._most_rows or self._bytes >= self._most_bytes:
            self._end_part()

    def _end_part(self) -> None:
        if self._spool is None:
            return
        self._spool.close()
        part = self._disk / f"{len(self.parts):05}.parquet"
        _to_parquet(Path(self._spool.name), part, self._disk)
        self.parts.append(part)
        self._spool, self._rows, self._bytes = None, 0, 0


def _folder(survey: str, day: date) -> str:
    return f"{ROOT}/survey={survey}/dt={day.isoformat()}/"


def _to_parquet(lines: Path, part: Path, disk: Path) -> None:
    import duckdb  # noqa: PLC0415 - an eighth of a second at start, which a night without a counted day need not pay

    settings: dict[str, Any] = {**_SETTINGS, "temp_directory": str(disk / "spill"), "home_directory": str(disk)}
    with duckdb.connect(":memory:", config=settings) as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute("SET enable_progress_bar = false")  # what takes two seconds would be told to the log
        database.execute(f"COPY ({SELECT}) TO {_quoted(part)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)", [str(lines)])


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
