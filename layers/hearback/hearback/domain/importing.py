"""Answers given elsewhere: what an import job is, and how a row of its CSV becomes an answer or a reason why not.

A row's fate depends on the file and the job alone, so reading the file again from its beginning finds the same rows
accepted and the same refused: that is how an interrupted import goes on without counting anything twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hearback.domain.answer import COMMENT_LIMIT
from hearback.domain.csv_records import DELIMITERS
from hearback.domain.errors import Invalid
from hearback.domain.facts import VALUE_LIMIT
from hearback.domain.survey import Direction, Scale, Survey

REFUSALS_LISTED = 1000
ROW_LIMIT = 2_000_000
"""Rows of one file: what the ids seen so far may take of the function's memory, and reading again of its time."""

COLUMN_LIMIT = 300
ID_LIMIT = 200
NAME_LIMIT = 100

ISO = "iso"
"""The time format that is no strptime pattern: ISO 8601, with or without a time, with or without an offset."""

_FIELDS = ("object", "survey", "columns", "time_format", "timezone", "delimiter", "scale", "valid_range")
_SPECIAL = ("rating", "answered_at", "id", "comment")
_WHOLE = re.compile(r"([+-]?\d{1,6})(?:[.,]0{1,6})?")
_UTC = re.compile(r"\b(?:UTC|GMT)\b", re.IGNORECASE)
_SEVERAL = re.compile(r"[,;|]")
_DIRECTIVES = re.compile(r"%(.)", re.DOTALL)
_TRIAL = datetime(2023, 8, 26, 13, 5, 7, tzinfo=UTC)


# --- the job ----------------------------------------------------------------------------------------------------------------


def new_import(body: Mapping[str, Any], survey: Survey) -> dict[str, Any]:
    """The plain form of a new job for the body of POST /admin/imports, everything that it leaves out filled in.

    `scale` {"min", "max", "direction"} is the scale that the answers were given on, the survey's unless it says otherwise;
    `valid_range` {"min", "max"} lies within it and keeps out codes that mean "no answer". Raises `Invalid` naming every
    field that cannot be.
    """
    problems = {name: "is not known here" for name in body if name not in _FIELDS}
    scale = _range(body, "scale", {"min": survey.scale.min, "max": survey.scale.max}, problems, "direction")
    valid = _range(body, "valid_range", scale, problems)
    if not scale["min"] <= valid["min"] <= valid["max"] <= scale["max"]:
        problems.setdefault("valid_range", f"must lie on the scale, from {scale['min']} to {scale['max']}")
    plain = {
        "object": _text(body, "object", "", problems),
        "survey": survey.id,
        "columns": _columns(body.get("columns"), problems),
        "time_format": _text(body, "time_format", ISO, problems),
        "timezone": _text(body, "timezone", survey.timezone, problems),
        "delimiter": _text(body, "delimiter", None, problems),
        "scale": scale,
        "valid_range": valid,
    }
    _check(plain, problems)
    if problems:
        raise Invalid("this import cannot be run", fields=problems)
    return {**plain, **Progress().to_plain()}


def import_view(import_id: str, plain: Mapping[str, Any]) -> dict[str, Any]:
    """What GET /admin/imports/{id} shows. `refused` lists the first rows refused; `refused_count` counts all of them."""
    shown = {name: plain[name] for name in (*_FIELDS, "state", "message", "rows_read", "accepted", "refused_count", "refused")}
    return {"id": import_id, **shown}


@dataclass(slots=True)
class Progress:
    """`offset`: every row that ends at or before this byte has been stored. `size` and `started_at` were noted when the
    first row was read: a file that changed meanwhile is not the file that was begun.
    """

    state: str = "queued"
    message: str = ""
    rows_read: int = 0
    accepted: int = 0
    refused_count: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    offset: int = 0
    size: int | None = None
    started_at: str | None = None

    def refuse(self, row: int, line: int, reason: str) -> None:
        self.refused_count += 1
        if len(self.refused) < REFUSALS_LISTED:
            self.refused.append({"row": row, "line": line, "reason": reason})

    def to_plain(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "message": self.message,
            "rows_read": self.rows_read,
            "accepted": self.accepted,
            "refused_count": self.refused_count,
            "refused": self.refused,
            "offset": self.offset,
            "size": self.size,
            "started_at": self.started_at,
        }


@dataclass(frozen=True, slots=True)
class ImportJob:
    """What the rows are read by."""

    object: str
    columns: dict[str, str]
    time_format: str
    timezone: str
    delimiter: str | None
    scale: Scale
    valid: range

    @staticmethod
    def from_plain(plain: Mapping[str, Any], survey: Survey) -> ImportJob:
        scale, valid = plain["scale"], plain["valid_range"]
        direction = Direction(scale.get("direction") or survey.scale.direction)
        return ImportJob(
            object=plain["object"],
            columns=dict(plain["columns"]),
            time_format=plain["time_format"],
            timezone=plain["timezone"],
            delimiter=plain["delimiter"],
            scale=Scale(scale["min"], scale["max"], survey.scale.style, direction),
            valid=range(valid["min"], valid["max"] + 1),
        )

    def survey_then(self, survey: Survey) -> Survey:
        """The survey as these answers knew it: on their scale."""
        return replace(survey, scale=self.scale)


# --- its rows ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImportedRow:
    external_id: str
    rating: int
    at: datetime
    comment: str
    facts: dict[str, Any]


class RowRefused(Exception):  # noqa: N818 - a fact about one row, not an error of ours
    """Says why, without repeating what the row holds."""


class RowReader:
    """Rows of one file. Raises `Invalid` when the header lacks a column that the job names, or has it twice."""

    def __init__(self, job: ImportJob, header: Sequence[str], survey: Survey, started_at: datetime) -> None:
        self._job, self._width = job, len(header)
        self._places = _places(job.columns, header)
        taken = set(self._places.values())
        self._facts = {name: place for name, place in self._places.items() if name not in _SPECIAL}
        for place, title in enumerate(header):
            name = title.strip()[:NAME_LIMIT]
            if name and place not in taken:
                self._facts.setdefault(name, place)
        self._time = time_reader(job.time_format, job.timezone, survey.timezone)
        self._latest = started_at + timedelta(days=1)
        self._seen: set[int] = set()

    def read(self, number: int, cells: Sequence[str]) -> ImportedRow:
        """The answer in data row `number` (from 1). Raises `RowRefused`. An id that an accepted row had before is refused."""
        if len(cells) != self._width:
            raise RowRefused(f"has {len(cells)} fields where the header has {self._width}")
        row = ImportedRow(
            external_id=self._id(number, cells),
            rating=self._rating(self._cell(cells, "rating")),
            at=self._at(self._cell(cells, "answered_at")),
            comment=self._comment(self._cell(cells, "comment")),
            facts={name: fact for name, place in self._facts.items() if (fact := _fact(name, cells[place]))},
        )
        self._first_of_its_id(row.external_id)
        return row

    def _cell(self, cells: Sequence[str], key: str) -> str:
        place = self._places.get(key)
        return "" if place is None else cells[place].strip()

    def _id(self, number: int, cells: Sequence[str]) -> str:
        """The file's own id; without one, the row's number and content: the same file again is the same answers, under
        whatever name, and two customers who said the same stay two.
        """
        given = self._cell(cells, "id")
        if len(given) > ID_LIMIT:
            raise RowRefused(f"id is longer than {ID_LIMIT} characters")
        return given or f"row-{number}-{hashlib.sha256(chr(31).join(cells).encode()).hexdigest()[:16]}"

    def _rating(self, text: str) -> int:
        if not text:
            raise RowRefused("rating is missing")
        whole = _WHOLE.fullmatch(text)
        if whole is None:
            raise RowRefused("rating is not a whole number")
        rating, scale, valid = int(whole[1]), self._job.scale, self._job.valid
        if not scale.holds(rating):
            raise RowRefused(f"rating is outside the scale {scale.min} to {scale.max}")
        if rating not in valid:
            raise RowRefused(f"rating is outside the valid range {valid.start} to {valid.stop - 1}")
        return rating

    def _at(self, text: str) -> datetime:
        if not text:
            raise RowRefused("answered_at is missing")
        try:
            at = self._time(text)
        except (ValueError, OverflowError) as error:
            raise RowRefused("answered_at does not fit the time format") from error
        if at.year < 1970:  # noqa: PLR2004 - no survey is older; a year such as 0023 is a format that does not fit
            raise RowRefused("answered_at is before 1970")
        if at > self._latest:
            raise RowRefused("answered_at lies in the future")
        return at

    @staticmethod
    def _comment(text: str) -> str:
        if len(text) > COMMENT_LIMIT:
            raise RowRefused(f"comment is longer than {COMMENT_LIMIT} characters")
        return text

    def _first_of_its_id(self, external_id: str) -> None:
        """64 bits of each id are kept: two million of them collide once in ten million files."""
        if "id" not in self._places:
            return
        short = int.from_bytes(hashlib.blake2b(external_id.encode(), digest_size=8).digest(), "big")
        if short in self._seen:
            raise RowRefused("id was in an earlier row")
        self._seen.add(short)


def time_reader(time_format: str, timezone: str, survey_timezone: str) -> Callable[[str], datetime]:
    """Reads a time as an instant in UTC; raises ValueError or OverflowError.

    A date without a time is noon of that day in the *survey's* zone, so that the answer is counted on the day that is
    written there. A time without an offset is local in `timezone`; one that the clocks skipped counts as the same time
    after the change, one that they showed twice as the first.
    """
    zone, survey_zone = ZoneInfo(timezone), ZoneInfo(survey_timezone)

    @lru_cache(maxsize=4096)
    def read(text: str) -> datetime:
        if time_format == ISO:
            moment = _iso(text)
        else:
            moment = _named_zone(text, datetime.strptime(text, time_format))  # noqa: DTZ007 - the zone follows
            if not _has_hour(time_format):
                moment = moment.date()
        if not isinstance(moment, datetime):
            return datetime.combine(moment, time(12), survey_zone).astimezone(UTC)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)

    return read


def _named_zone(text: str, moment: datetime) -> datetime:
    """`%Z` reads "UTC" and "GMT", and forgets them."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None and _UTC.search(text) else moment


def _iso(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def _has_hour(time_format: str) -> bool:
    return not {"H", "I", "c", "X"}.isdisjoint(_DIRECTIVES.findall(time_format))


def _fact(name: str, text: str) -> str | list[str]:
    """A segment's value; tags may be several, parted by comma, semicolon or bar."""
    if name == "tag":
        return list(dict.fromkeys(tag for each in _SEVERAL.split(text) if (tag := each.strip()[:VALUE_LIMIT])))
    return text.strip()[:VALUE_LIMIT]


def _places(columns: Mapping[str, str], header: Sequence[str]) -> dict[str, int]:
    """Key to place in the row. Headers match as they are written, blanks around them aside."""
    if len(header) > COLUMN_LIMIT:
        raise Invalid(f"the file has more than {COLUMN_LIMIT} columns")
    titles = [each.strip() for each in header]
    problems = {}
    for key, title in columns.items():
        found = titles.count(title.strip())
        if found != 1:
            problems[f"columns.{key}"] = f"there is no column {title!r} in the file" if not found else f"column {title!r} is there twice"
    if problems:
        held = ", ".join(repr(each[:NAME_LIMIT]) for each in titles[:50])
        raise Invalid(f"{'; '.join(problems.values())}. The file's columns: {held}", fields=problems)
    return {key: titles.index(title.strip()) for key, title in columns.items()}


# --- checking the body ------------------------------------------------------------------------------------------------------


def _text(body: Mapping[str, Any], name: str, default: str | None, problems: dict[str, str]) -> str | None:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, str) or not value:
        problems[name] = "must be a text"
        return default
    return value


def _columns(given: Any, problems: dict[str, str]) -> dict[str, str]:
    if not isinstance(given, Mapping):
        problems["columns"] = "must map rating, answered_at and other names to the file's columns"
        return {}
    for key in ("rating", "answered_at"):
        if key not in given:
            problems[f"columns.{key}"] = "is missing"
    for key, title in given.items():
        if not isinstance(title, str) or not title.strip():
            problems[f"columns.{key}"] = "must be the name of a column"
        elif not key.strip() or len(key) > NAME_LIMIT:
            problems[f"columns.{key[:NAME_LIMIT]}"] = f"must be called by 1 to {NAME_LIMIT} characters"
    return {key: title for key, title in given.items() if isinstance(title, str)}


def _range(body: Mapping[str, Any], name: str, default: Mapping[str, Any], problems: dict[str, str], *further: str) -> dict[str, Any]:
    given = body.get(name)
    ends = {each: default[each] for each in ("min", "max")}
    if given is None:
        return ends
    if not isinstance(given, Mapping):
        problems[name] = "must be an object with min and max"
        return ends
    for each in given:
        if each not in ("min", "max", *further):
            problems[f"{name}.{each}"] = "is not known here"
    for each in ("min", "max"):
        if type(given.get(each)) is not int:
            problems[f"{name}.{each}"] = "must be a whole number"
            return ends
    if given["min"] >= given["max"] and name == "scale":
        problems[f"{name}.max"] = "must be greater than min"
    if "direction" in further and given.get("direction") not in (None, *Direction):
        problems[f"{name}.direction"] = f"must be one of {', '.join(Direction)}"
    return {each: given[each] for each in ("min", "max", *further) if given.get(each) is not None}


def _check(plain: Mapping[str, Any], problems: dict[str, str]) -> None:
    if not str(plain["object"]).startswith("imports/"):
        problems.setdefault("object", "must be a key that begins with imports/")
    try:
        ZoneInfo(plain["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.setdefault("timezone", "is not a time zone")
    if plain["delimiter"] is not None and plain["delimiter"] not in DELIMITERS:
        problems.setdefault("delimiter", "must be a comma, semicolon, tab or bar")
    if not _names_a_day(plain["time_format"]):
        problems.setdefault("time_format", f"must be {ISO}, or a strptime pattern that gives day, month and year")


def _names_a_day(time_format: str) -> bool:
    """Whether a date survives being written and read again. The year is asked for first: strptime guesses one."""
    if time_format == ISO:
        return True
    if {"Y", "y", "G", "c", "x"}.isdisjoint(_DIRECTIVES.findall(time_format)):
        return False
    try:
        return datetime.strptime(_TRIAL.strftime(time_format), time_format).date() == _TRIAL.date()  # noqa: DTZ007 - a date
    except (ValueError, re.error):  # a directive that is there twice makes strptime's own pattern fail
        return False
