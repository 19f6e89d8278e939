"""GET /r/{token}: whose survey this link opens, and whether it can still be answered. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from hearback.domain.doubt import Press
from hearback.domain.errors import Gone, NotFound
from hearback.domain.links import Look, PageProof
from hearback.domain.moves import may_answer
from hearback.domain.story import Story
from hearback.domain.survey import Survey
from hearback.ports import Clock, Configs, Stories
from hearback.usecases.compose_question import UNSUBSCRIBE_DAYS, Wording, wording
from hearback.usecases.signing import Signing


@dataclass(frozen=True, slots=True)
class OpenSurvey:
    """What a page needs. `opt_out` is the path of the way out."""

    story: Story
    survey: Survey
    words: Wording
    opt_out: str

    @property
    def details(self) -> Mapping[str, list[str] | str]:
        return self.story.answers[-1].answer.details if self.story.answered else {}


@dataclass(frozen=True)
class Open:
    signing: Signing
    configs: Configs
    stories: Stories
    clock: Clock

    def survey_of(self, token: str) -> tuple[str, str]:
        """(invitation id, survey id) of a genuine link in its time. Reads nothing but the signature."""
        link = self.signing().read_answer_token(token, self.clock.now())
        return link.invitation_id, link.survey_id

    def __call__(self, token: str) -> OpenSurvey:
        """Raises `NotFound` for every wrong token, `Gone` when the time to answer, or to change the answer, is over."""
        invitation_id, survey_id = self.survey_of(token)
        item, story = self.configs.get("surveys", survey_id), self.stories.get(invitation_id)
        if item is None or story is None:
            raise NotFound("this link no longer belongs to anything")
        survey = Survey.from_plain(item.id, item.body)
        if not may_answer(story, survey, self.clock.now()):
            raise Gone("the time to answer is over", code="closed" if story.answered else "expired")
        return self.view(story, survey)

    def view(self, story: Story, survey: Survey) -> OpenSurvey:
        until = self.clock.now() + timedelta(days=UNSUBSCRIBE_DAYS)
        opt_out = f"/u/{self.signing().opt_out_token(story.invitation_id, survey.id, until)}"
        return OpenSurvey(story, survey, wording(story, survey), opt_out)

    def proof(self, story: Story, look: Look) -> str:
        """What a page's form carries: that this page was shown now, with the answer that stands."""
        return self.signing().page_proof(story.invitation_id, PageProof(look, story.version, self.clock.now()))

    def press(self, invitation_id: str, proof: str, *, by_script: bool, as_json: bool) -> Press:
        """The press of a page's button, with what the page had given for this invitation if it is genuine."""
        genuine = self.signing().read_page_proof(proof, invitation_id) if proof else None
        return Press(genuine, self.clock.now(), by_script, program=as_json and not proof)

    def opt_out_of(self, token: str) -> Story:
        """The story whose contact this link would opt out."""
        link = self.signing().read_opt_out_token(token, self.clock.now())
        story = self.stories.get(link.invitation_id)
        if story is None:
            raise NotFound("this link no longer belongs to anything")
        return story
