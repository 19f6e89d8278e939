"""The customer's side: pages, answers, the way out, and what messengers send us.

A browser gets pages, in its language even for errors; a caller that speaks JSON gets JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hearback.adapters.pages.document import Page
from hearback.adapters.pages.forms import Submission, is_one_click, parse_form
from hearback.adapters.pages.notices import error_page, opt_out_page, opted_out_page
from hearback.adapters.pages.survey_pages import rating_page, thanks_page
from hearback.adapters.pages.views import RatingView, ThanksView, follow_up_views
from hearback.domain.errors import HearbackError, Invalid, Malformed
from hearback.domain.survey import Survey
from hearback.domain.templates import render_text
from hearback.ports import InboundRequest
from hearback.runtime.http import Reply, Route, error_reply, json_reply
from hearback.runtime.logs import log
from hearback.usecases.compose_question import template_variables
from hearback.usecases.open_survey import Open, OpenSurvey
from hearback.usecases.opt_out import OptOut
from hearback.usecases.receive_reply import ReceiveReply
from hearback.usecases.record_answer import RecordAnswer

JSON = "application/json"
Path = Mapping[str, str]


@dataclass(frozen=True)
class AnswerRoutes:
    open: Open
    record: RecordAnswer
    opt_out: OptOut
    replies: ReceiveReply

    def routes(self) -> list[Route]:
        return [
            ("GET", "/r/{token}", _as_pages(self.show)),
            ("POST", "/r/{token}", _as_pages(self.answer)),
            ("GET", "/u/{token}", _as_pages(self.show_opt_out)),
            ("POST", "/u/{token}", _as_pages(self.do_opt_out)),
            ("GET", "/replies/{channel}", self.shake_hands),
            ("POST", "/replies/{channel}", self.reply),
        ]

    # --- the page ----------------------------------------------------------------------------------------------------

    def show(self, request: InboundRequest, path: Path) -> Reply:
        opened = self.open(path["token"])
        return _reply(rating_page(_rating_view(opened, path["token"], chosen=_chosen(request, opened.survey))))

    def answer(self, request: InboundRequest, path: Path) -> Reply:
        submission = parse_form(request.body, request.headers.get("content-type", ""))
        invitation_id, survey_id = self.open.survey_of(path["token"])
        if submission.rating is None:
            if _speaks_json(request):
                raise Invalid("an answer needs a rating", fields={"rating": "is missing"})
            return _reply(rating_page(_rating_view(self.open(path["token"]), path["token"], problem="choose_first")))
        try:
            survey, recorded = self.record(invitation_id, survey_id, submission.rating, submission.details, channel="web")
        except Invalid as error:
            if _speaks_json(request):
                raise
            return _reply(self._asked_again(path["token"], submission, error))
        log().info("answer", extra={"invitation_id": invitation_id, "version": recorded.version, "changed": recorded.changed})
        if _speaks_json(request):
            return json_reply(200, {"status": "recorded", "rating": submission.rating, "version": recorded.version})
        return _reply(thanks_page(_thanks_view(self.open.view(recorded.story, survey), path["token"], submission)))

    def _asked_again(self, token: str, submission: Submission, error: Invalid) -> Page:
        """The same form with what was wrong and what was written: nothing a person typed is thrown away."""
        opened = self.open(token)
        too_long = any("characters" in problem for problem in error.fields.values())
        problem = "comment_too_long" if too_long else "not_accepted"
        if "rating" in error.fields or not opened.story.answered:
            return rating_page(_rating_view(opened, token, problem=problem))
        return thanks_page(_thanks_view(opened, token, submission, problem=problem))

    # --- the way out ---------------------------------------------------------------------------------------------------

    def show_opt_out(self, request: InboundRequest, path: Path) -> Reply:  # noqa: ARG002
        return _reply(opt_out_page(f"/u/{path['token']}", self.open.opt_out_of(path["token"]).language))

    def do_opt_out(self, request: InboundRequest, path: Path) -> Reply:
        if not is_one_click(request.body, request.headers.get("content-type", "")):
            raise Malformed("this is not the opt-out form")
        story = self.opt_out(self.open.opt_out_of(path["token"]).invitation_id)
        log().info("opted out", extra={"invitation_id": story.invitation_id})
        return _reply(opted_out_page(story.language))

    # --- messengers ----------------------------------------------------------------------------------------------------

    def shake_hands(self, request: InboundRequest, path: Path) -> Reply:
        said = self.replies.handshake(path["channel"], request)
        return Reply(said.status, said.body, {"content-type": said.content_type})

    def reply(self, request: InboundRequest, path: Path) -> Reply:
        read = self.replies(path["channel"], request)
        shown = {"answers": read.answers, "deliveries": read.deliveries, "left_alone": read.left_alone}
        log().info("replies", extra={"channel": path["channel"], **shown})
        return json_reply(200, {"status": "accepted", **shown})


def _as_pages(answer: Callable[[InboundRequest, Path], Reply]) -> Callable[[InboundRequest, Path], Reply]:
    def answered(request: InboundRequest, path: Path) -> Reply:
        try:
            return answer(request, path)
        except HearbackError as error:
            log().info(error.message, extra={"code": error.code})
            if _speaks_json(request):
                return error_reply(error)
            return _reply(error_page(error, request.headers.get("accept-language", "")))

    return answered


def _speaks_json(request: InboundRequest) -> bool:
    return request.headers.get("content-type", "").lower().startswith(JSON) or request.headers.get("accept", "").lower().startswith(JSON)


def _reply(page: Page) -> Reply:
    return Reply(page.status, page.body, page.headers)


def _chosen(request: InboundRequest, survey: Survey) -> int | None:
    text = request.query.get("rating", "")
    rating = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(survey.scale.max)) else None
    return rating if rating is not None and survey.scale.holds(rating) else None


def _rating_view(opened: OpenSurvey, token: str, *, chosen: int | None = None, problem: str = "") -> RatingView:
    words, story = opened.words, opened.story
    return RatingView(
        survey=opened.survey,
        language=words.language,
        question=words.question,
        action=f"/r/{token}",
        low=words.low,
        high=words.high,
        chosen=chosen,
        answered=story.answers[-1].answer.rating if story.answered else None,
        details=opened.details,
        problem=problem,
        opt_out=opened.opt_out,
        company=opened.survey.name,
    )


def _thanks_view(opened: OpenSurvey, token: str, submission: Submission, *, problem: str = "") -> ThanksView:
    words, survey = opened.words, opened.survey
    rating = submission.rating if submission.rating is not None else survey.scale.min
    named = template_variables(opened.story, survey)
    follow_ups = follow_up_views(survey, rating, words.language, lambda text: render_text(text, named))
    return ThanksView(
        survey=survey,
        language=words.language,
        rating=rating,
        action=f"/r/{token}",
        low=words.low,
        high=words.high,
        thanks=words.thanks,
        follow_ups=follow_ups,
        details=submission.details or opened.details,
        complete=not problem and (submission.asked or not follow_ups),
        changeable=survey.policy.edit_hours > 0,
        problem=problem,
        opt_out=opened.opt_out,
        company=survey.name,
    )
