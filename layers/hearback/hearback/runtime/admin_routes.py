"""The admin API: what each route reads, which use case it calls, and what it answers.

Callers have been let in by IAM before anything here runs; every body is still refused unless it is exactly right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel

from hearback.adapters.admin.problems import refusal, validated
from hearback.adapters.admin.request_bodies import DryRunBody, ImportBody, InvitationBody, ReplayBody, RestoreBody, SampleTriggerBody
from hearback.domain.errors import Invalid, NotFound, WrongMediaType
from hearback.domain.ids import ID_PATTERN
from hearback.domain.json_object import json_object
from hearback.domain.story import Story
from hearback.ports import InboundRequest
from hearback.runtime.http import Reply, Route, json_reply
from hearback.usecases.configure import FAMILIES, PAGE, Configure
from hearback.usecases.dry_run_sink import SAMPLE_AGENT, SAMPLE_CONTACT, SAMPLE_CONVERSATION, DryRunSink, RealAnswer, Sample
from hearback.usecases.explain_trigger import ExplainTrigger
from hearback.usecases.export_contact import ExportContact
from hearback.usecases.invite_by_hand import InviteByHand, Wish
from hearback.usecases.page_link import PageLink
from hearback.usecases.replay_forwards import ReplayForwards
from hearback.usecases.request_erasure import RequestErasure
from hearback.usecases.restore_answer import RestoreAnswer
from hearback.usecases.show_quarantine import ShowQuarantine
from hearback.usecases.show_report import ShowReport
from hearback.usecases.start_import import StartImport

Model = TypeVar("Model", bound=BaseModel)
Params = Mapping[str, str]

ACCEPTED, NO_CONTENT = 202, 204
LONGEST_IDENTITY = 500
NEVER_AGAIN = "and_never_ask_again"
_INVITATION = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_LIMITS = frozenset(str(number) for number in range(1, PAGE + 1))


@dataclass(frozen=True)
class AdminUses:
    """The use cases of the admin API. `public_url` is where links lead; empty: to the address that was called."""

    configure: Configure
    invite: InviteByHand
    explain: ExplainTrigger
    page_link: PageLink
    dry_run: DryRunSink
    replay: ReplayForwards
    imports: StartImport
    report: ShowReport
    quarantine: ShowQuarantine
    restore: RestoreAnswer
    export: ExportContact
    erase: RequestErasure
    public_url: str = ""


def admin_routes(uses: AdminUses) -> list[Route]:
    routes = [route for family in FAMILIES for route in _family_routes(uses, family)]
    return [
        *routes,
        ("POST", "/admin/surveys/{survey}/invitations", lambda request, params: _invite(uses, request, params)),
        ("GET", "/admin/triggers/{source}/{event_id+}", lambda request, params: _explain(uses, request, params)),
        ("POST", "/admin/sinks/{sink}/dry-run", lambda request, params: _dry_run(uses, request, params)),
        ("POST", "/admin/forwards/replay", lambda request, _: _replay(uses, request)),
        ("POST", "/admin/imports", lambda request, _: _start_import(uses, request)),
        ("GET", "/admin/imports", lambda request, _: json_reply(200, uses.imports.page(**_paging(request)))),
        ("GET", "/admin/imports/{id}", lambda _, params: json_reply(200, uses.imports.show(params["id"]))),
        ("GET", "/admin/quarantine", lambda request, _: _quarantine(uses, request)),
        ("POST", "/admin/answers/{id}/restore", lambda request, params: _restore(uses, request, params)),
        ("GET", "/admin/contacts/{id+}", lambda request, params: _export(uses, request, params)),
        ("DELETE", "/admin/contacts/{id+}", lambda request, params: _erase(uses, request, params)),
        ("GET", "/admin/erasures", lambda request, _: json_reply(200, uses.erase.page(**_paging(request)))),
        ("POST", "/admin/erasures/replay", lambda *_: json_reply(ACCEPTED, uses.erase.replay())),
        ("GET", "/admin/erasures/{id}", lambda _, params: json_reply(200, uses.erase.show(params["id"]))),
        ("POST", "/admin/erasures/{id}/acknowledge", lambda _, params: json_reply(200, uses.erase.acknowledge(params["id"]))),
        ("GET", "/admin/reports/{survey}/{date}", lambda request, params: _report(uses, request, params)),
    ]


def _family_routes(uses: AdminUses, family: str) -> list[Route]:
    configure = uses.configure

    def put(request: InboundRequest, params: Params) -> Reply:
        return json_reply(200, configure.put(family, params["id"], _object(request)))

    def delete(_: InboundRequest, params: Params) -> Reply:
        configure.delete(family, params["id"])
        return Reply(NO_CONTENT, "", {"cache-control": "no-store"})

    return [
        ("GET", f"/admin/{family}", lambda request, _: json_reply(200, configure.page(family, **_paging(request)))),
        ("GET", f"/admin/{family}/{{id}}", lambda _, params: json_reply(200, configure.show(family, params["id"]))),
        ("PUT", f"/admin/{family}/{{id}}", put),
        ("DELETE", f"/admin/{family}/{{id}}", delete),
    ]


# --- one function a route ---------------------------------------------------------------------------------------------------


def _invite(uses: AdminUses, request: InboundRequest, params: Params) -> Reply:
    body = _body(InvitationBody, request, "this invitation")
    if body.channel != "web" and not body.contact.is_somebody:
        raise refusal({"contact": "needs at least one of email, phone, addresses and id"}, what="this invitation")
    wish = Wish(body.id or "", body.channel, body.contact.meant(), body.conversation.meant(), body.agent.meant())
    invited = uses.invite(_id(params, "survey"), wish)
    described = _described(uses, request, invited.story)
    shown = {
        name: described[name] for name in ("invitation_id", "source", "event_id", "survey", "decision", "explanation", "due_at", "link")
    }
    return json_reply(200 if invited.duplicate else ACCEPTED, shown)


def _explain(uses: AdminUses, request: InboundRequest, params: Params) -> Reply:
    return json_reply(200, _described(uses, request, uses.explain(params["source"], params["event_id"])))


def _described(uses: AdminUses, request: InboundRequest, story: Story) -> dict[str, Any]:
    public_url = uses.public_url or f"https://{request.headers.get('host', 'localhost')}"
    return uses.explain.describe(story, uses.page_link(story, public_url))


def _dry_run(uses: AdminUses, request: InboundRequest, params: Params) -> Reply:
    body = _body(DryRunBody, request, "this dry run") if request.body else DryRunBody.model_validate({})
    if body.source is None and body.event_id is None:
        return json_reply(200, uses.dry_run(_id(params, "sink"), _sample(body)))
    problems = {name: "is required" for name, value in (("source", body.source), ("event_id", body.event_id)) if value is None}
    problems |= {name: "has no place beside a real answer" for name in ("answer", "trigger", "survey") if getattr(body, name)}
    if problems or body.source is None or body.event_id is None:
        raise refusal(problems, what="this dry run")
    return json_reply(200, uses.dry_run(_id(params, "sink"), RealAnswer(body.source, body.event_id)))


def _sample(body: DryRunBody) -> Sample:
    trigger = body.trigger or SampleTriggerBody.model_validate({})
    return Sample(
        survey=body.survey,
        source=trigger.source,
        rating=body.answer.rating if body.answer else None,
        details=dict(body.answer.details) if body.answer else {},
        conversation=trigger.conversation.meant() if trigger.conversation else SAMPLE_CONVERSATION,
        contact=trigger.contact.meant() if trigger.contact else SAMPLE_CONTACT,
        agent=trigger.agent.meant() if trigger.agent else SAMPLE_AGENT,
    )


def _replay(uses: AdminUses, request: InboundRequest) -> Reply:
    body = _body(ReplayBody, request, "this replay")
    match body.source, body.event_id, body.survey, body.day:
        case str(source), str(event_id), None, None:
            done = uses.replay.one(body.sink, source, event_id)
        case None, None, str(survey), str(day):
            done = uses.replay.day(body.sink, survey, date.fromisoformat(day), after=body.after)
        case _:
            raise refusal({"body": "needs either source and event_id, or survey and day"}, what="this replay")
    return json_reply(ACCEPTED, asdict(done))


def _start_import(uses: AdminUses, request: InboundRequest) -> Reply:
    body = _body(ImportBody, request, "this import")
    return json_reply(ACCEPTED, uses.imports.start(body.survey, body.given()))


def _quarantine(uses: AdminUses, request: InboundRequest) -> Reply:
    survey = request.query.get("survey", "")
    if survey and not ID_PATTERN.fullmatch(survey):
        raise Invalid("there is no such survey", fields={"survey": "can be no survey's id"})
    return json_reply(200, uses.quarantine(survey=survey, **_paging(request)))


def _restore(uses: AdminUses, request: InboundRequest, params: Params) -> Reply:
    body = _body(RestoreBody, request, "this restoring") if request.body else RestoreBody.model_validate({})
    if not _INVITATION.fullmatch(params["id"]):
        raise NotFound("there is no such invitation", code="unknown_invitation")
    return json_reply(200, uses.restore(params["id"], body.number, force=body.force))


def _export(uses: AdminUses, request: InboundRequest, params: Params) -> Reply:
    return json_reply(200, uses.export(_contact(params), after=request.query.get("after", "")))


def _erase(uses: AdminUses, request: InboundRequest, params: Params) -> Reply:
    wish = request.query.get(NEVER_AGAIN, "false")
    if wish not in ("true", "false"):
        raise Invalid("this erasure cannot be begun", fields={NEVER_AGAIN: "must be true or false"})
    return json_reply(ACCEPTED, uses.erase(_contact(params), never_again=wish == "true"))


def _contact(params: Params) -> str:
    if len(params["id"]) > LONGEST_IDENTITY:
        raise NotFound("nobody is known by that", code="unknown_contact")
    return params["id"]


def _report(uses: AdminUses, request: InboundRequest, params: Params) -> Reply:
    return json_reply(200, uses.report(params["survey"], params["date"], request.query.get("period", "day")))


# --- reading ----------------------------------------------------------------------------------------------------------------


def _body(model: type[Model], request: InboundRequest, what: str) -> Model:
    return validated(model, _object(request), what=what)


def _object(request: InboundRequest) -> dict[str, Any]:
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise WrongMediaType("send the body as content-type: application/json")
    return json_object(request.body)


def _id(params: Params, name: str) -> str:
    """An id from the path. What can be no id names nothing, and is not looked up."""
    if not ID_PATTERN.fullmatch(params[name]):
        raise NotFound(f"there is no such {name}")
    return params[name]


def _paging(request: InboundRequest) -> dict[str, Any]:
    limit = request.query.get("limit", str(PAGE))
    if limit not in _LIMITS:
        raise Invalid("there is no such page", fields={"limit": f"must be a whole number from 1 to {PAGE}"})
    return {"after": request.query.get("after", ""), "limit": int(limit)}
