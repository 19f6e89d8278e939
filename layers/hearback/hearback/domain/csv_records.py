"""CSV records out of a byte stream of any length, each with the byte offset behind it.

Python's csv module takes no more lines than a record needs, so the bytes handed to it are the bytes of the record, quoted
line breaks included. A record that cannot be read costs its first line only: reading goes on with the line after it, so an
unclosed quotation mark does not swallow the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

DELIMITERS = (",", ";", "\t", "|")

RECORD_LIMIT = 100_000
"""Bytes of one record. Below csv's own limit on a field (131,072 characters), which therefore never matters."""

_PIECE = 64 * 1024
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Record:
    """`line` is the physical line it begins on, from 1; `end` the offset of the first byte behind it. With a `problem`
    there are no cells.
    """

    line: int
    end: int
    cells: list[str] = field(default_factory=list)
    problem: str = ""


class _TooLong(Exception):  # noqa: N818 - never leaves this module
    """The record has more bytes than one may have."""


def read_records(stream: BinaryIO, delimiter: str) -> Iterator[Record]:
    """Every record of a stream that is at the file's beginning, blank lines left out. A byte order mark is skipped."""
    lines = _Lines(stream)
    line, end = 1, lines.skipped
    while True:
        record_lines: list[_Line] = []
        cells, problem = _next_cells(lines, record_lines, delimiter)
        if not record_lines:
            return
        end += sum(each.size for each in record_lines)
        if problem or cells:
            yield Record(line, end, [] if problem else cells, problem)
        line += len(record_lines)


def sniff_delimiter(head: bytes, wanted: Sequence[str]) -> str:
    """The delimiter under which the first record of `head` holds the most of the wanted columns, then the most columns."""

    def quality(delimiter: str) -> tuple[int, int]:
        first = next(read_records(io.BytesIO(head), delimiter), Record(1, 0))
        names = {each.strip() for each in first.cells}
        return len(names & {each.strip() for each in wanted}), len(first.cells)

    return max(DELIMITERS, key=quality)


@dataclass(frozen=True, slots=True)
class _Line:
    """A physical line with its line break; `content` is None when it was too long to be kept."""

    content: bytes | None
    size: int


class _Lines:
    """Physical lines, which may be given back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._returned: deque[_Line] = deque()
        start = _read_up_to(stream, len(_BOM))
        self.skipped = len(_BOM) if start == _BOM else 0
        self._lines = _split(stream, start[self.skipped :])

    def take(self) -> _Line | None:
        return self._returned.popleft() if self._returned else next(self._lines, None)

    def give_back(self, lines: Sequence[_Line]) -> None:
        self._returned.extendleft(reversed(lines))


def _next_cells(lines: _Lines, taken: list[_Line], delimiter: str) -> tuple[list[str], str]:
    """The cells of the next record or what is wrong with it; `taken` is filled with the lines that it used up."""
    broken_text = False

    def feed() -> Iterator[str]:
        nonlocal broken_text
        size = 0
        while (line := lines.take()) is not None:
            taken.append(line)
            size += line.size
            if line.content is None or size > RECORD_LIMIT:
                raise _TooLong
            try:
                yield line.content.decode()
            except UnicodeDecodeError:
                broken_text = True
                yield line.content.decode(errors="replace")

    try:
        cells = next(csv.reader(feed(), delimiter=delimiter, strict=True), [])
    except (csv.Error, _TooLong) as error:
        lines.give_back(taken[1:])
        del taken[1:]
        too_long = isinstance(error, _TooLong) and (taken[0].content is None or taken[0].size > RECORD_LIMIT)
        return [], f"is longer than {RECORD_LIMIT} bytes" if too_long else "has a quotation mark that is not closed, or not doubled"
    return cells, "is not valid UTF-8" if broken_text else ""


def _split(stream: BinaryIO, held: bytes) -> Iterator[_Line]:
    """Lines end with LF, CRLF or CR. What is longer than a record may be is counted and thrown away."""
    dropped = 0
    while piece := stream.read(_PIECE):
        lines = (held + piece).splitlines(keepends=True)
        held = b"" if lines[-1].endswith(b"\n") else lines.pop()
        for line in lines:
            yield _line(line, dropped)
            dropped = 0
        if len(held) > RECORD_LIMIT and not held.endswith(b"\r"):
            dropped, held = dropped + len(held), b""
    for line in held.splitlines(keepends=True):
        yield _line(line, dropped)
        dropped = 0
    if dropped:
        yield _Line(None, dropped)


def _line(content: bytes, dropped: int) -> _Line:
    size = dropped + len(content)
    return _Line(None if size > RECORD_LIMIT else content, size)


def _read_up_to(stream: BinaryIO, count: int) -> bytes:
    """A network stream may give fewer bytes than it is asked for."""
    got = b""
    while len(got) < count and (more := stream.read(count - len(got))):
        got += more
    return got
