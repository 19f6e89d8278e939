"""Every operation of the HTTP API as it is documented. A test holds this table against the routes that are served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from hearback.adapters.admin import request_bodies as bodies
from hearback.adapters.admin import responses as shown

Schema = type[BaseModel] | str
"""A model, or the name of a component."""

FAMILIES = {"surveys": "Survey", "sources": "Source", "channels": "Channel", "sinks": "Sink"}
"""A family to the component that describes one of its objects."""

PUBLIC_ERRORS = (429, 500, 503)
ADMIN_ERRORS = (403, *PUBLIC_ERRORS)
BODY_ERRORS = (400, 413, 415, 422)


@dataclass(frozen=True)
class Says:
    """One answer. `schema` None: no body, or (with `media_type`) a text. `or_page`: whoever speaks no JSON gets a page."""

    meaning: str
    schema: Schema | None = None
    media_type: str = "application/json"
    or_page: bool = False


@dataclass(frozen=True)
class Takes:
    """A request's body: media type to schema. `example` is a JSON body that the route accepts."""

    schemas: Mapping[str, Schema]
    example: Any = None
    required: bool = True


@dataclass(frozen=True)
class Operation:
    """`errors` are the statuses that answer with an `Error`."""

    method: str
    path: str
    id: str
    tag: str
    summary: str
    description: str = ""
    takes: Takes | None = None
    query: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    query_meaning: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[int, Says] = field(default_factory=dict)
    errors: tuple[int, ...] = ()

    @property
    def admin(self) -> bool:
        return self.path.startswith("/admin/")

    @property
    def shows_pages(self) -> bool:
        """Browsers come here: what is wrong is told on a page, and to whoever speaks JSON in JSON."""
        return self.path.startswith(("/r/", "/u/")) or self.path == "/scores/{survey}"


def _json(model: Schema, example: Any = None, *, required: bool = True) -> Takes:
    return Takes({"application/json": model}, example, required)


PAGE: dict[str, dict[str, Any]] = {"after": {"type": "string"}, "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 100}}
PAGE_MEANING = {"after": "The `next` of the page before.", "limit": "Objects on a page."}
LANGUAGE: dict[str, dict[str, Any]] = {"language": {"type": "string", "examples": ["es"]}}
LANGUAGE_MEANING = {"language": "Instead of the reader's own (`Accept-Language`)."}

EXAMPLES: dict[str, Any] = {
    "surveys": {
        "metric": "csat",
        "timezone": "Europe/Berlin",
        "texts": {
            "en": {"question": 'How was our help with "{{ conversation.subject }}"?', "low": "bad", "high": "great"},
            "es": {"question": "¿Qué tal fue nuestra ayuda?"},
        },
        "follow_ups": [
            {
                "id": "why",
                "kind": "choices",
                "when": {"max_rating": 3},
                "texts": {"en": "What went wrong?"},
                "choices": [{"id": "slow", "texts": {"en": "It took too long"}}, {"id": "unsolved", "texts": {"en": "It is not solved"}}],
            },
            {"id": "comment", "kind": "text", "texts": {"en": "Anything else?", "es": "¿Algo más?"}},
        ],
        "policy": {"cooldown_days": 14, "quiet_hours": ["21:00", "08:00"], "reminder_days": 2},
    },
    "sources": {"kind": "zendesk", "secret": "the signing secret that Zendesk shows", "survey": "support"},
    "channels": {
        "kind": "whatsapp",
        "credentials": {
            "access_token": "EAAG-an-example-token",
            "phone_number_id": "106540352242922",
            "app_secret": "an-example-of-an-app-secret",
            "verify_token": "anything-of-your-own",
        },
    },
    "sinks": {
        "kind": "http",
        "surveys": ["support"],
        "request": {
            "method": "POST",
            "url": "https://example.com/answers/{{ answer.id }}",
            "headers": {"content-type": "application/json"},
            "body": {"rating": "{{ answer.rating }}", "comment": "{{ answer.comment }}", "ticket": "{{ conversation.id }}"},
        },
    },
}

WHAT = {
    "surveys": "What is asked, of whom, how often, and what counts as good. Everything but `metric` and one question has a default.",
    "sources": "Where triggers come from: `/triggers/{id}` then speaks the dialect of its kind. A secret goes to the secret store and is "
    'shown as "set" from then on. A new one leaves the old one valid for 24 hours, or `keep_previous_hours`.',
    "channels": "How invitations travel; replies come to `/replies/{id}`. `email` and `web` work without being configured.",
    "sinks": "Where answers go. Addresses must be https and lead to a public place; they are checked again at every call.",
}


def _family(family: str, component: str) -> list[Operation]:
    one = component.lower()
    return [
        Operation(
            "GET",
            f"/admin/{family}",
            f"list_{family}",
            family,
            f"List {family}",
            query=PAGE,
            query_meaning=PAGE_MEANING,
            answers={200: Says("By id, a page of them.", f"{component}Page")},
            errors=(422, *ADMIN_ERRORS),
        ),
        Operation(
            "GET",
            f"/admin/{family}/{{id}}",
            f"show_{one}",
            family,
            f"Show one {one}",
            answers={200: Says("With every default filled in, and without secrets.", component)},
            errors=(404, *ADMIN_ERRORS),
        ),
        Operation(
            "PUT",
            f"/admin/{family}/{{id}}",
            f"put_{one}",
            family,
            f"Create or replace one {one}",
            f"{WHAT[family]}\n\nPutting what was shown changes nothing. A body that cannot be accepted is refused with every problem "
            "named by its field's path.",
            takes=_json(component, EXAMPLES[family]),
            answers={200: Says("As it is now.", component)},
            errors=(*BODY_ERRORS, *ADMIN_ERRORS),
        ),
        Operation(
            "DELETE",
            f"/admin/{family}/{{id}}",
            f"delete_{one}",
            family,
            f"Delete one {one}",
            "What it has asked, answered or forwarded so far stays.",
            answers={204: Says("Deleted, with its secrets.")},
            errors=(404, *ADMIN_ERRORS),
        ),
    ]


IDENTITY = (
    "`id` is any identity, percent-encoded: an e-mail address, a telephone number, or a name and an id: `{channel}:{address}` "
    "(`telegram:12345`), `{source}:{contact id}` (`helpdesk:c-7`), `import:{survey}:{id of the row}`."
)

OPERATIONS: tuple[Operation, ...] = (
    *(each for family, component in FAMILIES.items() for each in _family(family, component)),
    Operation(
        "POST",
        "/admin/surveys/{survey}/invitations",
        "invite",
        "asking",
        "Ask somebody by hand",
        "Neither sampled nor delayed, but within the cooldown and never against an opt-out. With an `id`, repeats are harmless. "
        'With `"channel": "web"` no contact is needed: the answer\'s `link` is for handing out, or for a QR code.',
        takes=_json(
            bodies.InvitationBody,
            {
                "id": "shop-4711",
                "contact": {"name": "Ada", "email": "ada@example.com", "language": "en"},
                "conversation": {"subject": "Your purchase", "attributes": {"store": "Mitte"}},
                "agent": {"name": "Grace", "team": "Shop"},
            },
        ),
        answers={202: Says("Taken up; the decision so far.", shown.Invited), 200: Says("The same id was here before.", shown.Invited)},
        errors=(404, *BODY_ERRORS, *ADMIN_ERRORS),
    ),
    Operation(
        "GET",
        "/admin/triggers/{source}/{event_id}",
        "explain_trigger",
        "asking",
        "What became of a trigger, and why",
        "`event_id` is the sender's own (for Standard Webhooks the `webhook-id` header), percent-encoded; `source` is `manual` for sends "
        "by hand. The answer holds the contact's data.",
        answers={200: Says("The whole story.", shown.TriggerShown)},
        errors=(404, *ADMIN_ERRORS),
    ),
    Operation(
        "POST",
        "/admin/sinks/{sink}/dry-run",
        "dry_run_sink",
        "passing on",
        "The exact request that a sink would make",
        "Nothing is sent, and secrets are masked.",
        takes=_json(
            bodies.DryRunBody,
            {"answer": {"rating": 2, "details": {"comment": 'Slow, "really" slow'}}, "trigger": {"conversation": {"id": "42"}}},
            required=False,
        ),
        answers={200: Says("What would be sent.", shown.DryRunShown)},
        errors=(404, *BODY_ERRORS, *ADMIN_ERRORS),
    ),
    Operation(
        "POST",
        "/admin/forwards/replay",
        "replay_forwards",
        "passing on",
        "Forward answers to a sink once more",
        "One answer, or a survey's answers of one day, 250 a call: `next` of the answer is `after` of the next call. A receiver can tell "
        "a repeat by the delivery's id. The sink must be one that takes this survey's answers.",
        takes=_json(bodies.ReplayBody, {"sink": "crm", "survey": "support", "day": "2026-11-20"}),
        answers={202: Says("Set back to pending, and on their way.", shown.ReplayShown)},
        errors=(404, *BODY_ERRORS, *ADMIN_ERRORS),
    ),
    Operation(
        "GET",
        "/admin/quarantine",
        "list_quarantine",
        "knowing",
        "Answers that a person may not have given",
        "Mail scanners open links, and some fill in pages. What is doubtful counts nowhere, is passed on to nobody and displaces nothing; "
        "here it is, with the reasons, the newest first. An item is what waits of one invitation and day, so a page may hold fewer "
        "items than its limit.",
        query={"survey": {"type": "string"}, **PAGE},
        query_meaning={"survey": "Only this survey's.", **PAGE_MEANING},
        answers={200: Says("A page of it.", shown.QuarantinePage)},
        errors=(422, *ADMIN_ERRORS),
    ),
    Operation(
        "POST",
        "/admin/answers/{id}/restore",
        "restore_answer",
        "knowing",
        "Let an answer in quarantine count",
        "It counts on the day it was given, whose reports the next night writes anew, and goes to the sinks that are enabled now. "
        "Restoring it again changes nothing.",
        takes=_json(bodies.RestoreBody, {"number": 1}, required=False),
        answers={200: Says("It counts.", shown.RestoredShown)},
        errors=(404, 409, *BODY_ERRORS, *ADMIN_ERRORS),
    ),
    Operation(
        "POST",
        "/admin/imports",
        "start_import",
        "knowing",
        "Import past answers from a CSV in the bucket",
        "Rows that cannot be read are listed with number and reason, and no other row suffers. Importing twice changes nothing.",
        takes=_json(
            bodies.ImportBody,
            {
                "object": "imports/past.csv",
                "survey": "support",
                "columns": {"rating": "CSAT Score", "answered_at": "Survey_response_Date", "agent": "Agent_name", "id": "Unique id"},
                "time_format": "%d-%b-%y",
            },
        ),
        answers={202: Says("Begun.", shown.ImportShown)},
        errors=(*BODY_ERRORS, *ADMIN_ERRORS),
    ),
    Operation(
        "GET",
        "/admin/imports",
        "list_imports",
        "knowing",
        "List imports",
        query=PAGE,
        query_meaning=PAGE_MEANING,
        answers={200: Says("The oldest first, a page of them.", shown.ImportPage)},
        errors=(422, *ADMIN_ERRORS),
    ),
    Operation(
        "GET",
        "/admin/imports/{id}",
        "show_import",
        "knowing",
        "How far an import is",
        answers={200: Says("Its state, and the rows it refused.", shown.ImportShown)},
        errors=(404, *ADMIN_ERRORS),
    ),
    Operation(
        "GET",
        "/admin/contacts/{id}",
        "export_contact",
        "persons",
        "Everything that is kept about a person",
        f"{IDENTITY} It reads the whole table, about 18 seconds a call: `next` goes on. Identities that came together once are taken "
        "for one person's, as the cooldown takes them: look at `identities` before you erase a number that people share.",
        query={"after": {"type": "string"}},
        query_meaning={"after": "The `next` of the call before."},
        answers={200: Says("What was found in this call.", shown.ContactExported)},
        errors=(404, 422, *ADMIN_ERRORS),
    ),
    Operation(
        "DELETE",
        "/admin/contacts/{id}",
        "erase_contact",
        "persons",
        "Erase a person",
        f"{IDENTITY} Everything that leads to the person goes: in the table, in reports, digests and the lake in all their versions, and "
        "with sinks that have an `erase` request. Ratings and segments stay, so no total changes. It takes until after the next night; the "
        "same request again begins anew. An opt-out stays; without one the person may be asked again about a new conversation.",
        query={"and_never_ask_again": {"type": "string", "enum": ["true", "false"], "default": "false"}},
        query_meaning={"and_never_ask_again": "Also opt the person out; what remains is a hash that says so."},
        answers={202: Says("Begun; nothing is known yet.", shown.ErasureShown)},
        errors=(404, 422, *ADMIN_ERRORS),
    ),
    Operation(
        "GET",
        "/admin/erasures",
        "list_erasures",
        "persons",
        "Erasures that are not finished",
        query=PAGE,
        query_meaning=PAGE_MEANING,
        answers={200: Says("A page of them.", shown.ErasurePage)},
        errors=(422, *ADMIN_ERRORS),
    ),
    Operation(
        "GET",
        "/admin/erasures/{id}",
        "show_erasure",
        "persons",
        "How far an erasure is",
        answers={200: Says("Its stage, and which sinks were told.", shown.ErasureShown)},
        errors=(404, *ADMIN_ERRORS),
    ),
    Operation(
        "POST",
        "/admin/erasures/{id}/acknowledge",
        "acknowledge_erasure",
        "persons",
        "Somebody has seen to the sinks that could not be told",
        answers={200: Says("Finished, if it waited for that.", shown.ErasureShown)},
        errors=(404, *ADMIN_ERRORS),
    ),
    Operation(
        "POST",
        "/admin/erasures/replay",
        "replay_erasures",
        "persons",
        "Do every erasure again",
        "In a table that was restored from a backup. It is noticed within the hour without being asked.",
        answers={202: Says("Begun.", shown.ErasureShown)},
        errors=ADMIN_ERRORS,
    ),
    Operation(
        "GET",
        "/admin/reports/{survey}/{date}",
        "show_report",
        "knowing",
        "One report",
        "Of the period that holds the date.",
        query={"period": {"type": "string", "enum": ["day", "week", "month", "quarter"], "default": "day"}},
        query_meaning={"period": "Weeks begin on Monday."},
        answers={200: Says("report.json, and where its other forms are.", shown.ReportShown)},
        errors=(404, 422, *ADMIN_ERRORS),
    ),
    Operation(
        "POST",
        "/triggers/{source}",
        "receive_trigger",
        "public",
        "A conversation was closed or reopened, or somebody asks for a survey",
        "The body and its signature are those of the source's kind. `standard` is [Standard Webhooks](https://www.standardwebhooks.com): "
        "headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. The same event again changes nothing.",
        takes=_json("StandardTrigger"),
        answers={202: Says("Taken in.", shown.Receipt), 200: Says("Known, ignored, or a reopening.", shown.Receipt)},
        errors=(400, 401, 404, 413, 422, *PUBLIC_ERRORS),
    ),
    Operation(
        "GET",
        "/replies/{channel}",
        "shake_hands",
        "public",
        "A provider makes sure that we are here",
        answers={200: Says("What it wants to hear back.", None, "text/plain")},
        errors=(401, 404, *PUBLIC_ERRORS),
    ),
    Operation(
        "POST",
        "/replies/{channel}",
        "receive_replies",
        "public",
        "A provider brings replies and word of deliveries",
        "In the provider's own form, signed its own way. Ordinary messages are left alone.",
        takes=Takes({"application/json": "AnyObject"}),
        answers={200: Says("Taken in.", shown.Heard)},
        errors=(400, 401, 404, 413, *PUBLIC_ERRORS),
    ),
    Operation(
        "GET",
        "/r/{token}",
        "show_page",
        "public",
        "The page that asks",
        "Never records anything: mail scanners open links.",
        query={"rating": {"type": "integer"}},
        query_meaning={"rating": "Chosen in advance; only the press of the button records it."},
        answers={200: Says("The page, in the contact's language.", None, "text/html")},
        errors=(404, 410, *PUBLIC_ERRORS),
    ),
    Operation(
        "POST",
        "/r/{token}",
        "answer",
        "public",
        "Answer",
        "What the page posts, `proof` included, or the same as JSON. Answering again within the survey's edit window appends a version. "
        "An answer that a person may not have given, one without the page's `proof` above all, is kept in quarantine; the page then "
        "asks to press once more.",
        takes=Takes({"application/x-www-form-urlencoded": "AnswerForm", "application/json": "AnswerBody"}, {"rating": 5}),
        answers={200: Says("The page that follows, or for JSON what became of the answer.", shown.AnswerTaken, or_page=True)},
        errors=(404, 410, *BODY_ERRORS, *PUBLIC_ERRORS),
    ),
    Operation(
        "GET",
        "/u/{token}",
        "show_opt_out",
        "public",
        "The page that opts out",
        answers={200: Says("One button.", None, "text/html")},
        errors=(404, 410, *PUBLIC_ERRORS),
    ),
    Operation(
        "POST",
        "/u/{token}",
        "opt_out",
        "public",
        "Opt out",
        "What the button posts, and what mail programs post for `List-Unsubscribe` (RFC 8058).",
        takes=Takes({"application/x-www-form-urlencoded": "OptOutForm", "multipart/form-data": "OptOutForm"}),
        answers={200: Says("Never asked again.", None, "text/html")},
        errors=(400, 404, 410, 413, *PUBLIC_ERRORS),
    ),
    Operation(
        "GET",
        "/scores/{survey}",
        "show_score",
        "public",
        "A published score, as a page",
        "Always of the last whole calendar month that has been counted. 404, the same for a survey that is not published and for one "
        "that does not exist; also, with a page of its own, when fewer people answered than the survey's `minimum_group`. May be cached "
        "for an hour, and answers 304 to its own `ETag`.",
        query=LANGUAGE,
        query_meaning=LANGUAGE_MEANING,
        answers={200: Says("The page, in the reader's language.", None, "text/html")},
        errors=(404, *PUBLIC_ERRORS),
    ),
    Operation(
        "GET",
        "/scores/{survey}.json",
        "show_score_data",
        "public",
        "A published score, as data",
        "As report.json has it, not rounded. 404 with the code `not_enough_answers` when there are too few. Any page may read it.",
        answers={200: Says("The score of the last whole month.", shown.ScoreShown)},
        errors=(404, *PUBLIC_ERRORS),
    ),
    Operation(
        "GET",
        "/scores/{survey}.svg",
        "show_score_badge",
        "public",
        "A published score, as a badge",
        'For `<img src>` in any page. With too few answers it says so, in grey and with 200: an image that is "not found" is a broken one.',
        query=LANGUAGE,
        query_meaning=LANGUAGE_MEANING,
        answers={200: Says("The badge.", None, "image/svg+xml")},
        errors=(404, *PUBLIC_ERRORS),
    ),
    Operation(
        "GET",
        "/openapi.json",
        "openapi",
        "public",
        "This document",
        answers={200: Says("OpenAPI 3.1.", "AnyObject")},
        errors=PUBLIC_ERRORS,
    ),
    Operation(
        "GET",
        "/docs",
        "docs",
        "public",
        "This document as a page",
        answers={200: Says("For people.", None, "text/html")},
        errors=PUBLIC_ERRORS,
    ),
)
