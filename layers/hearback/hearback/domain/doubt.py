"""Whether a press of a page's button was a person's. Mail scanners open links, run pages, and some submit forms.

A press counts at once unless something speaks against it:

- no_proof: it does not carry what the page gave for this invitation, or that is older than a week.
- by_script: the browser itself says that no person's gesture sent the form (Chromium leaves out Sec-Fetch-User then).
- after_answer: an answer stands, and the form was not opened to change it: it comes from a score's link in the message, or from
  a page that was shown before that answer.
- too_soon: the first answer comes faster after the sending than a message can arrive, be opened and be read.
- all_scores, burst: it is part of a machine's round (domain/rounds.py), which takes back even what had counted of it.
- at_once: it was asked for once more, and that page was answered faster than a person reads it.

A doubtful press is put into quarantine with these reasons and displaces nothing. Whoever pressed is asked to press once more, or,
where an answer stands, whether to keep or to change it; that press counts, unless it is itself at_once, part of a round, or blind
to a newer answer. So a person loses one press and no answer. Nothing is judged by address, cookie or script: an office behind one
address, a browser without JavaScript, a screen reader and a fast clicker are like everybody else. What a provider has
authenticated (a typed reply) is not judged. A program that posts JSON and claims no page has the company's own page before it:
no scanner does that, so it is judged by its time and its rounds only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hearback.domain.answer import Answer
from hearback.domain.links import Look, PageProof
from hearback.domain.moves import Guard
from hearback.domain.rounds import CALM
from hearback.domain.story import Doubt, Story

PROOF_LIFETIME = timedelta(days=7)
"""How long a page may lie open and still be answered with one press."""

CLOCK_SLACK = timedelta(minutes=5)
"""How far in our future a page may have been shown: another machine's clock gave its time."""

PATIENCE = timedelta(seconds=2)
"""Faster than this nobody reads that a press is wanted once more: it was a double click, or no person."""

SCRIPT_PATIENCE = timedelta(seconds=5)
"""The same where a script sends the form: it may be a voice's, which has to be spoken first; a machine's runs as soon as the page
is there, however slow the machine is.
"""


@dataclass(frozen=True, slots=True)
class Press:
    """`proof` is what the page gave, if it is genuine; `by_script`: the browser's own word that no person's gesture was there;
    `program`: it came as JSON and claims no page, as a company's own form or app sends it.
    """

    proof: PageProof | None
    at: datetime
    by_script: bool = False
    program: bool = False

    @property
    def may_keep(self) -> bool:
        """Whether the page had asked to keep or to change the answer that stands."""
        return self.proof is not None and self.proof.look is Look.AGAIN and self.proof.version > 0


def page_doubts(press: Press) -> tuple[Doubt, ...]:
    """What a press itself gives away, whatever has become of its story."""
    proof, at = press.proof, press.at
    if press.program:
        return ()
    if proof is None or not at - PROOF_LIFETIME <= proof.shown_at <= at + CLOCK_SLACK:
        return (Doubt.NO_PROOF,)
    if proof.look is Look.AGAIN:
        patience = SCRIPT_PATIENCE if press.by_script else PATIENCE
        return (Doubt.AT_ONCE,) if at - proof.shown_at < patience else ()
    return (Doubt.BY_SCRIPT,) if press.by_script else ()


def story_doubts(press: Press, answer: Answer, story: Story, too_soon: timedelta) -> tuple[Doubt, ...]:
    """What speaks against a press once its story is known, machine's rounds apart."""
    if story.answered:
        return () if press.program or _knows(press.proof, answer, story) else (Doubt.AFTER_ANSWER,)
    asked_again = press.proof is not None and press.proof.look is Look.AGAIN
    sent_at = story.sent_at or (story.attempts[-1].at if story.attempts else None)
    if sent_at is not None and press.at - sent_at < too_soon and not asked_again:
        return (Doubt.TOO_SOON,)
    return ()


def says_nothing_new(story: Story, answer: Answer) -> bool:
    """The rating that stands, with no word that does not: an old page pressed again wipes nothing out."""
    if not story.answered or story.erased_at is not None:
        return False
    standing = story.answers[-1].answer
    return answer.rating == standing.rating and answer.details.items() <= standing.details.items()


def guard_of(press: Press, too_soon: timedelta) -> Guard:
    """What the story must be like for a press to count in one write, unread. Where it is not, `story_doubts` looks closely."""
    proof = press.proof
    version = proof.version if proof and proof.look is not Look.SCORE else 0
    first = version == 0 and not (proof and proof.look is Look.AGAIN)
    return Guard(version, press.at - CALM, press.at - too_soon if too_soon and first else None)


def _knows(proof: PageProof | None, answer: Answer, story: Story) -> bool:
    """Whether the page that was pressed on showed the answer that stands, and was there to change it. Follow-ups to the rating
    that stands may come from any page that gave thanks for it: its next one may have been lost on the way.
    """
    same = answer.rating == story.answers[-1].answer.rating
    if proof is None or (proof.look is Look.SCORE and not same):
        return False
    return proof.version == story.version or (proof.look is Look.THANKS and same)
