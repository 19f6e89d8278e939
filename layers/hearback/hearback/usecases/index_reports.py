"""One page per survey that links every report of it, rebuilt by each night that wrote one.

What the page says about a report is kept beside it in index.json, so a night reads one object and not years of reports. Without
that file (a survey of an older version, or somebody deleted it) the reports themselves are listed, and the newest are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hearback.domain.calendar import Period
from hearback.domain.scoring.digest import canonical
from hearback.domain.scoring.line import ReportLine
from hearback.domain.survey import Survey
from hearback.ports import Blobs, IndexWriter

FORMAT = 1
MOST_READ = 400
"""Reports that are read where there is no index.json: a year of days and more. Older ones are linked without their numbers."""

_KEY = re.compile(r"period=(\w+)/(\d{4}-\d{2}-\d{2})/report\.html$")


@dataclass(frozen=True, slots=True)
class IndexReports:
    blobs: Blobs
    write: IndexWriter

    def __call__(self, survey: Survey, lines: Sequence[ReportLine]) -> int:
        """Take these reports into the survey's index; how many objects changed. The same reports give the same bytes, in
        whatever order and however often they come.
        """
        if not lines:
            return 0
        root = f"reports/survey={survey.id}"
        known = {each.key: each for each in self._known(survey, root)} | {each.key: each for each in lines}
        kept = [known[key] for key in sorted(known)]
        index = {"format": FORMAT, "survey": survey.id, "reports": [each.plain() for each in kept]}
        written = self.blobs.put(f"{root}/index.html", self.write(survey, kept), "text/html; charset=utf-8")
        return written + self.blobs.put(f"{root}/index.json", canonical(index), "application/json")

    def _known(self, survey: Survey, root: str) -> Iterable[ReportLine]:
        stored = _plain(self.blobs.get(f"{root}/index.json"))
        if stored.get("format") == FORMAT and stored.get("survey") == survey.id:
            return (ReportLine(**each) for each in stored["reports"])
        return self._listed(root)

    def _listed(self, root: str) -> Iterator[ReportLine]:
        """Every report that is there, the newest of them read."""
        found = (_KEY.search(key) for key in self.blobs.keys(f"{root}/period="))
        spans = sorted((each[2], each[1]) for each in found if each and each[1] in set(Period))
        for number, (start, period) in enumerate(reversed(spans)):
            body = self.blobs.get(f"{root}/period={period}/{start}/report.json") if number < MOST_READ else None
            report = _plain(body)
            yield ReportLine.of(report) if report else ReportLine.unread(Period(period), date.fromisoformat(start))


def _plain(body: bytes | None) -> dict[str, Any]:
    try:
        plain = json.loads(body or b"{}")
    except ValueError:
        return {}
    return plain if isinstance(plain, dict) else {}
