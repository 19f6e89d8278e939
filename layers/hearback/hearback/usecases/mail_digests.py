"""Mail the numbers of each period that has ended to the people whom its survey names: at most once, whatever happens.

It is no part of the scoring: it reads what the pointer names, so a mail that fails, or a night that dies before it, is made up
for by the next night, and nothing that was scored waits for it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from hearback.domain.calendar import Period, day_of
from hearback.domain.survey import Survey
from hearback.ports import (
    Accepted,
    Attachment,
    Blobs,
    Chance,
    Clock,
    Configs,
    DigestWriter,
    Mail,
    Mailer,
    Nights,
    Refusal,
    SendResult,
    Silence,
)

FRESH = timedelta(days=7)
"""How long after its end a period is still worth a mail: an import of old data is no news, and a night that failed may be made
up for.
"""

RESERVE_SECONDS = 60.0
"""No mail is begun with less: a claim whose sender dies is a mail that nobody gets."""


@dataclass(slots=True)
class MailOutcome:
    """`sent` names surveys with their periods. `failed` gives a survey's trouble by its code, never by an address. `no_sender`:
    surveys that name receivers in a stack that names no sender.
    """

    sent: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    no_sender: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MailDigests:
    """`mailer` is None in a stack without a sender."""

    configs: Configs
    blobs: Blobs
    nights: Nights
    clock: Clock
    chance: Chance
    write: DigestWriter
    mailer: Mailer | None

    def __call__(self, *, survey: str | None = None, seconds_left: Callable[[], float] = lambda: math.inf) -> MailOutcome:
        """Whatever is due for every survey, or for one. Raises nothing that one survey is to blame for."""
        outcome = MailOutcome()
        for each in self._surveys(survey):
            if self.mailer is None:
                outcome.no_sender.append(each.id)
                continue
            try:
                self._survey(each, self.mailer, outcome, seconds_left)
            except Exception as error:  # noqa: BLE001 - one survey's trouble, whatever it is, must not stop the others' mails
                outcome.failed[each.id] = type(error).__name__
        return outcome

    def _surveys(self, only: str | None) -> Iterator[Survey]:
        for item in sorted(self.configs.all("surveys"), key=lambda each: each.id):
            if only is None or item.id == only:
                survey = Survey.from_plain(item.id, item.body)
                if survey.digest_to:
                    yield survey

    def _survey(self, survey: Survey, mailer: Mailer, outcome: MailOutcome, seconds_left: Callable[[], float]) -> None:
        latest = json.loads(self.blobs.get(f"reports/survey={survey.id}/latest.json") or b"{}")
        for period in Period:
            entry = latest.get("reports", {}).get(period.value)
            if period.value not in survey.digest_periods or entry is None or not self._fresh(entry, survey):
                continue
            if seconds_left() < RESERVE_SECONDS:
                return
            mail = self._mail(survey, period, entry)
            if mail is not None:
                self._send(survey, period, date.fromisoformat(entry["start"]), mail, mailer, outcome)

    def _fresh(self, entry: Mapping[str, Any], survey: Survey) -> bool:
        return day_of(self.clock.now(), survey.timezone) - date.fromisoformat(entry["end"]) <= FRESH

    def _mail(self, survey: Survey, period: Period, entry: Mapping[str, Any]) -> Mail | None:
        """None while a file is being replaced, and when there is nothing to tell: nobody answered, and nobody was asked."""
        files = {name: self._named(file) for name, file in entry["files"].items() if name in ("report.json", "report.html")}
        if any(body is None for body in files.values()):
            return None
        report = json.loads(files["report.json"] or b"{}")
        if report["score"]["n"] == 0 and report["counts"]["invited"] == 0:
            return None
        name = f"{survey.id}-{period.value}-{entry['start']}.html"
        page = Attachment(name, "text/html; charset=utf-8", files["report.html"] or b"")
        return replace(self.write(report, survey.report_language), to=survey.digest_to, attachments=(page,))

    def _named(self, file: Mapping[str, str]) -> bytes | None:
        body = self.blobs.get(file["key"])
        return body if body is not None and hashlib.sha256(body).hexdigest() == file["sha256"] else None

    def _send(self, survey: Survey, period: Period, start: date, mail: Mail, mailer: Mailer, outcome: MailOutcome) -> None:
        """Claimed first, so that no two runs send it. Only what certainly was not sent is given back, for the next night."""
        token = self.chance.token()
        if not self.nights.claim_digest(survey.id, period.value, start, token):
            return
        result = mailer.send(mail)
        if isinstance(result, Accepted):
            outcome.sent.append(f"{survey.id} {period.value} {start.isoformat()}")
            return
        outcome.failed[survey.id] = _code(result)
        if not isinstance(result, Silence):
            self.nights.release_digest(survey.id, period.value, start, token)


def _code(result: SendResult) -> str:
    match result:
        case Refusal(code=code):
            return code
        case Silence():
            return "outcome_unknown"
        case _:
            return "busy"
