"""The night's handler: scoring first, mails after it, and no mail's trouble in the way of anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.nightly_scoring.handler import make_handler
from hearback.domain.errors import Unavailable
from hearback.usecases.mail_digests import MailOutcome
from hearback.usecases.score_nights import NightOutcome
from tests.unit.runtime.admin_world import Context


@dataclass
class Night:
    """Stands in for both use cases and remembers in which order they were called, and for which survey."""

    scored: NightOutcome = field(default_factory=NightOutcome)
    mailed: MailOutcome = field(default_factory=MailOutcome)
    calls: list[tuple[str, Any]] = field(default_factory=list)

    def score(self, **wish: Any) -> NightOutcome:
        self.calls.append(("score", wish["survey"]))
        return self.scored

    def mail(self, **wish: Any) -> MailOutcome:
        self.calls.append(("mail", wish["survey"]))
        return self.mailed

    def run(self, **event: Any) -> Any:
        handler: Any = make_handler(self.score, self.mail)  # type: ignore[arg-type]
        return handler(event, Context())


def test_mails_follow_the_scoring() -> None:
    night = Night()
    night.run(survey="support")
    assert night.calls == [("score", "support"), ("mail", "support")]


def test_a_day_recounted_by_hand_mails_nobody() -> None:
    night = Night()
    night.run(survey="support", day="2026-03-02")
    assert night.calls == [("score", "support")]


def test_a_mail_that_failed_does_not_fail_the_night() -> None:
    night = Night(mailed=MailOutcome(failed={"support": "MessageRejected"}, no_sender=["sales"]))
    assert night.run()["written"] == 0


def test_a_night_that_failed_for_one_survey_still_mails_for_the_others_and_is_tried_again() -> None:
    night = Night(scored=NightOutcome(failures={"support": Unavailable("later")}))
    with pytest.raises(Unavailable):
        night.run()
    assert night.calls == [("score", None), ("mail", None)]
