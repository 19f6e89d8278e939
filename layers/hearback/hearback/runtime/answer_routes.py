"""The customer's side: pages, answers, the way out, and what messengers send us.

A browser gets pages, in its language even for errors; a caller that speaks JSON gets JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hearback.adapters.pages.document import Page
from hearback.adapters.pages.forms import Submission, is_one_click, parse_form
from hearback.adapters.pages.notices import error_page, opt_out_page, opted_out_page
from hearback.adapters.pages.survey_pages import change_page, rating_page, thanks_page
from hearback.adapters.pages.views import ChangeView, RatingView, ThanksView, follow_up_views
from hearback.domain.doubt import PATIENCE, Press
from hearback.domain.errors import HearbackError, Invalid, Malformed
from hearback.domain.links import Look
from hearback.domain.survey import Survey
from hearback.ports import InboundRequest
from hearback.runtime.http import Reply, Route, error_reply, json_reply, log_error
from hearback.runtime.logs import log
from hearback.usecases.compose_question import filled_in, template_variables
from hearback.usecases.open_survey import Open, OpenSurvey
from hearback.usecases.opt_out import OptOut
from hearback.usecases.receive_reply import ReceiveReply
from hearback.usecases.take_press import Taken, TakePress

JSON = "application/json"
Path = Mapping[str, str]


@dataclass(frozen=True)
class AnswerRoutes:
    open: Open
    press: TakePress
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
        proof = self.open.proof(opened.story, Look.SCORE if "rating" in request.query else Look.PAGE)
        return _reply(rating_page(_rating_view(opened, path["token"], proof, chosen=_chosen(request, opened.survey))))

    def answer(self, request: InboundRequest, path: Path) -> Reply:
        token, submission = path["token"], parse_form(request.body, request.headers.get("content-type", ""))
        invitation_id, survey_id = self.open.survey_of(token)
        if submission.rating is None:
            if _speaks_json(request):
                raise Invalid("an answer needs a rating", fields={"rating": "is missing"})
            opened = self.open(token)
            return _reply(rating_page(_rating_view(opened, token, self.open.proof(opened.story, Look.PAGE), problem="choose_first")))
        by_script, as_json = _sent_by_script(request), _is_json(request)
        press = self.open.press(invitation_id, submission.proof, by_script=by_script, as_json=as_json)
        if press.may_keep and not submission.change and not _speaks_json(request):
            return self._kept(token)
        try:
            taken = self.press(invitation_id, survey_id, press, submission.rating, submission.details)
        except Invalid as error:
            if _speaks_json(request):
                raise
            return self._asked_again(token, submission, press, error)
        shown = {"invitation_id": invitation_id, "version": taken.story.version, "changed": taken.changed}
        log().info("answer doubted" if taken.doubts else "answer", extra={**shown, "doubts": list(taken.doubts)})
        if _speaks_json(request):
            return json_reply(200, self._told(taken, submission.rating))
        if taken.doubts:
            return self._once_more(token, submission, taken)
        opened = self.open.view(taken.story, taken.survey)
        return _reply(thanks_page(_thanks_view(opened, token, self.open.proof(taken.story, Look.THANKS), submission)))

    def _told(self, taken: Taken, rating: int) -> dict[str, Any]:
        if not taken.doubts:
            proof = self.open.proof(taken.story, Look.THANKS)
            return {"status": "recorded", "rating": rating, "version": taken.story.version, "proof": proof}
        return {
            "status": "quarantined",
            "rating": rating,
            "doubts": list(taken.doubts),
            "message": "Kept, but not counted: it may not be a person's. To make it count, send it once more with this proof, "
            "when a person has seen it; an operator may also restore it.",
            "proof": self.open.proof(taken.story, Look.AGAIN),
            "wait_seconds": PATIENCE.total_seconds(),
        }

    def _kept(self, token: str) -> Reply:
        """An answer was not to be changed after all."""
        opened = self.open(token)
        if not opened.story.answered:
            return _reply(rating_page(_rating_view(opened, token, self.open.proof(opened.story, Look.PAGE))))
        standing = opened.story.answers[-1].answer
        proof = self.open.proof(opened.story, Look.THANKS)
        return _reply(thanks_page(_thanks_view(opened, token, proof, Submission(standing.rating, standing.details))))

    def _once_more(self, token: str, submission: Submission, taken: Taken) -> Reply:
        """Nothing that was chosen or written is lost: pressing once more counts, or, where an answer stands, saying to change it."""
        opened, proof = self.open.view(taken.story, taken.survey), self.open.proof(taken.story, Look.AGAIN)
        if taken.story.answered:
            return _reply(change_page(_change_view(opened, token, proof, submission)))
        view = _rating_view(opened, token, proof, chosen=submission.rating)
        return _reply(rating_page(replace(view, again="press_again", details=submission.details, asked=submission.asked)))

    def _asked_again(self, token: str, submission: Submission, press: Press, error: Invalid) -> Reply:
        """The same form with what was wrong and what was written: nothing a person typed is thrown away."""
        opened = self.open(token)
        too_long = any("characters" in problem for problem in error.fields.values())
        problem = "comment_too_long" if too_long else "not_accepted"
        if "rating" in error.fields or not opened.story.answered:
            return _reply(rating_page(_rating_view(opened, token, self.open.proof(opened.story, Look.PAGE), problem=problem)))
        proof = self.open.proof(opened.story, press.proof.look if press.proof else Look.PAGE)
        return _reply(thanks_page(_thanks_view(opened, token, proof, submission, problem=problem)))

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
            log_error(error)
            if _speaks_json(request):
                return error_reply(error)
            return _reply(error_page(error, request.headers.get("accept-language", "")))

    return answered


def _speaks_json(request: InboundRequest) -> bool:
    return _is_json(request) or request.headers.get("accept", "").lower().startswith(JSON)


def _is_json(request: InboundRequest) -> bool:
    return request.headers.get("content-type", "").lower().startswith(JSON)


def _sent_by_script(request: InboundRequest) -> bool:
    """Whether the browser itself says that no person's gesture sent this: Chromium, known by Sec-CH-UA, leaves out Sec-Fetch-User
    then. Safari never sends that header, so of others its absence says nothing.
    """
    headers = request.headers
    return "sec-ch-ua" in headers and "sec-fetch-mode" in headers and headers.get("sec-fetch-user") != "?1"


def _reply(page: Page) -> Reply:
    return Reply(page.status, page.body, page.headers)


def _chosen(request: InboundRequest, survey: Survey) -> int | None:
    text = request.query.get("rating", "")
    rating = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(survey.scale.max)) else None
    return rating if rating is not None and survey.scale.holds(rating) else None


def _rating_view(opened: OpenSurvey, token: str, proof: str, *, chosen: int | None = None, problem: str = "") -> RatingView:
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
        proof=proof,
        problem=problem,
        opt_out=opened.opt_out,
        company=opened.survey.name,
    )


def _change_view(opened: OpenSurvey, token: str, proof: str, submission: Submission) -> ChangeView:
    words, standing = opened.words, opened.story.answers[-1].answer
    return ChangeView(
        survey=opened.survey,
        language=words.language,
        action=f"/r/{token}",
        old=standing.rating,
        new=standing.rating if submission.rating is None else submission.rating,
        low=words.low,
        high=words.high,
        details=submission.details,
        proof=proof,
        asked=submission.asked,
        opt_out=opened.opt_out,
        company=opened.survey.name,
    )


def _thanks_view(opened: OpenSurvey, token: str, proof: str, submission: Submission, *, problem: str = "") -> ThanksView:
    words, survey = opened.words, opened.survey
    rating = submission.rating if submission.rating is not None else survey.scale.min
    named = template_variables(opened.story, survey)
    follow_ups = follow_up_views(survey, rating, words.language, lambda text: filled_in(text, named))
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
        proof=proof,
        problem=problem,
        opt_out=opened.opt_out,
        company=survey.name,
    )
