"""Read an import's CSV, store its answers, and have their days counted again.

The file is read from its beginning every time; rows before the checkpoint are judged again, so that counts, refusals and
ids seen come out as in one go, but they are not stored again. Judging takes a few percent of the time that storing takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from hearback.domain.calendar import day_of, instant, stamp
from hearback.domain.csv_records import RECORD_LIMIT, Record, read_records, sniff_delimiter
from hearback.domain.errors import Invalid, NotFound, Rejected
from hearback.domain.importing import ROW_LIMIT, ImportedRow, ImportJob, Progress, RowReader, RowRefused
from hearback.domain.survey import Survey
from hearback.ports import Blobs, Clock, Configs, ImportedAnswer, Nights, Outbox, Stories

CHUNK_ROWS = 1000

RESERVE_SECONDS = 60.0
"""No further chunk is begun with less time than this."""


@dataclass(frozen=True, slots=True)
class ImportAnswers:
    """`chunk_rows` rows lie between two checkpoints."""

    configs: Configs
    stories: Stories
    nights: Nights
    blobs: Blobs
    outbox: Outbox
    clock: Clock
    chunk_rows: int = CHUNK_ROWS

    def __call__(self, import_id: str, *, seconds_left: Callable[[], float] = lambda: math.inf) -> str:
        """The state that the import is in afterwards: "done", "failed", or "running" when another message goes on with it.

        May be called for the same import at any time and any number of times. Raises `NotFound` for an unknown import,
        `Unavailable` when a store cannot be reached: then calling again goes on from the checkpoint.
        """
        item = self.configs.get("imports", import_id)
        if item is None:
            raise NotFound("there is no such import")
        if item.body["state"] in ("done", "failed"):
            return str(item.body["state"])
        try:
            return self._run(import_id, item.body, seconds_left).state
        except Rejected as error:
            so_far = self.configs.get("imports", import_id) or item
            self.configs.put("imports", import_id, {**so_far.body, "state": "failed", "message": error.message})
            return "failed"

    def _run(self, import_id: str, body: dict[str, Any], seconds_left: Callable[[], float]) -> Progress:
        survey = self._survey(body["survey"])
        job = ImportJob.from_plain(body, survey)
        progress = Progress(state="running", size=self._size(job, body), started_at=body["started_at"] or stamp(self.clock.now()))
        stored_up_to: int = body["offset"]
        self.configs.put("imports", import_id, {**body, "state": "running", "size": progress.size, "started_at": progress.started_at})
        rows = _Rows(self._open(job), job, survey, progress)
        with closing(rows):
            for answers, end in rows.chunks(self.chunk_rows):
                if end > stored_up_to:
                    self._store(job.survey_then(survey), [answer for answer, at in answers if at > stored_up_to])
                    progress.offset = end
                    self._keep(import_id, body, progress)
                    if seconds_left() < RESERVE_SECONDS:
                        self.outbox.continue_import(import_id)
                        return progress
        progress.state = "done"
        self._keep(import_id, body, progress)
        return progress

    def _store(self, survey: Survey, answers: list[ImportedAnswer]) -> None:
        """The answers first, then their days' marks: a night that runs between leaves a mark behind. The checkpoint
        comes after both, so whatever is lost in between is done again.
        """
        self.stories.import_answers(survey, answers)
        now = stamp(self.clock.now())
        for day in sorted({day_of(each.at, survey.timezone) for each in answers}):
            self.nights.mark_dirty(survey.id, day, now)

    def _keep(self, import_id: str, body: dict[str, Any], progress: Progress) -> None:
        self.configs.put("imports", import_id, {**body, **progress.to_plain()})

    def _survey(self, survey_id: str) -> Survey:
        item = self.configs.get("surveys", survey_id)
        if item is None:
            raise NotFound("the survey of this import does not exist any more")
        return Survey.from_plain(item.id, item.body)

    def _size(self, job: ImportJob, body: dict[str, Any]) -> int:
        size = self.blobs.size(job.object)
        if size is None:
            raise Invalid(f"there is no object {job.object} in the bucket")
        if body["size"] not in (None, size):
            raise Invalid("the file changed while it was read; import it again")
        return size

    def _open(self, job: ImportJob) -> Callable[[], BinaryIO]:
        def opened() -> BinaryIO:
            stream = self.blobs.open(job.object)
            if stream is None:
                raise Invalid(f"there is no object {job.object} in the bucket")
            return stream

        return opened


class _Rows:
    """The file's rows, judged one by one into `progress`."""

    def __init__(self, opened: Callable[[], BinaryIO], job: ImportJob, survey: Survey, progress: Progress) -> None:
        self._progress = progress
        delimiter = job.delimiter or _sniffed(opened, job)
        self._stream = opened()
        self._records = read_records(self._stream, delimiter)
        header = next(self._records, None)
        if header is None:
            raise Invalid("the file is empty")
        if header.problem:
            raise Invalid(f"the file's header {header.problem}")
        self._reader = RowReader(job, header.cells, survey, _started(progress))

    def close(self) -> None:
        self._stream.close()

    def chunks(self, size: int) -> Iterator[tuple[list[tuple[ImportedAnswer, int]], int]]:
        """Accepted answers with the offset behind each, and the offset behind the last row that was judged."""
        answers: list[tuple[ImportedAnswer, int]] = []
        end = 0
        for record in self._records:
            end = record.end
            answer = self._judge(record)
            if answer is not None:
                answers.append((answer, end))
            if self._progress.rows_read % size == 0:
                yield answers, end
                answers = []
        if self._progress.rows_read % size:
            yield answers, end

    def _judge(self, record: Record) -> ImportedAnswer | None:
        self._progress.rows_read += 1
        number = self._progress.rows_read
        if number > ROW_LIMIT:
            raise Invalid(f"the file has more than {ROW_LIMIT} rows: split it; the rows before that have been imported")
        try:
            row = self._read(number, record)
        except RowRefused as refused:
            self._progress.refuse(number, record.line, str(refused))
            return None
        self._progress.accepted += 1
        return ImportedAnswer(row.external_id, row.rating, row.at, row.comment, row.facts)

    def _read(self, number: int, record: Record) -> ImportedRow:
        if record.problem:
            raise RowRefused(f"row {record.problem}")
        return self._reader.read(number, record.cells)


def _started(progress: Progress) -> datetime:
    return instant(str(progress.started_at))


def _sniffed(opened: Callable[[], BinaryIO], job: ImportJob) -> str:
    with closing(opened()) as stream:
        head = stream.read(RECORD_LIMIT)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Invalid("the file is UTF-16; save it as UTF-8")
    return sniff_delimiter(head, list(job.columns.values()))
