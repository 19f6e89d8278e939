"""The admin API as a caller meets it: status, body, and what is there afterwards."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearback.domain.story import State
from hearback.domain.survey import Survey
from hearback.ports import ForwardMessage
from hearback.runtime.admin_routes import admin_routes
from hearback.runtime.http import http_handler
from tests.builders import NOW, a_story, a_survey, an_answer, an_imported_answer
from tests.unit.runtime.admin_world import SURVEY, AdminWorld

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


@pytest.fixture
def world() -> AdminWorld:
    return AdminWorld()


def answered(world: AdminWorld, event_id: str = "event-1", rating: int = 5, *, minutes: int = 0) -> str:
    story = a_story(event_id, state=State.SENT, expires_at=NOW + timedelta(days=9), due_at=None)
    world.stories.add(story, due=None, asked_day=None)
    at = NOW + timedelta(minutes=minutes)
    world.stories.record_answer(story.invitation_id, a_survey(), an_answer(rating), at=at, channel="web", sinks=["crm"])
    return story.invitation_id


# --- configuration ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "body"),
    [
        ("surveys", SURVEY),
        ("sources", {"kind": "standard", "secret": SECRET}),
        ("channels", {"kind": "whatsapp"}),
        ("sinks", {"kind": "http", "surveys": []}),
    ],
)
def test_every_family_can_be_put_shown_listed_and_deleted(world: AdminWorld, family: str, body: dict[str, Any]) -> None:
    path = f"/admin/{family}/one"
    status, put = world.call("PUT", path, body)
    assert (status, put["id"]) == (200, "one")
    assert world.call("GET", path) == (200, put)
    assert world.call("GET", f"/admin/{family}") == (200, {"items": [put], "next": None})
    assert world.call("PUT", path, put) == (200, put)
    assert world.call("DELETE", path) == (204, None)
    assert world.call("DELETE", path)[0] == 404
    assert world.call("GET", path)[0] == 404
    assert SECRET not in json.dumps(put)


def test_a_refused_body_names_its_fields_and_stores_nothing(world: AdminWorld) -> None:
    status, body = world.call("PUT", "/admin/surveys/support", {**SURVEY, "scale": {"min": 5, "max": 2}, "channels": ["pigeon"]})
    assert (status, body["error"]["code"]) == (422, "invalid")
    assert set(body["error"]["fields"]) == {"scale.min", "channels.0"}
    assert world.configs.all("surveys") == []


def test_a_template_that_names_an_unknown_variable_is_refused_with_its_path(world: AdminWorld) -> None:
    status, body = world.call("PUT", "/admin/surveys/support", {"metric": "csat", "texts": {"en": {"question": "Hi {{ contact.shoe }}"}}})
    assert (status, list(body["error"]["fields"])) == (422, ["texts.en.question"])


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ('{"metric": NaN}', 400),
        ('{"metric": "csat", "metric": "nps"}', 400),
        ('{"a":' * 65 + "1" + "}" * 65, 400),
        ('{"a":' * 5000 + "1" + "}" * 5000, 400),
        ('{"target": 1e999}', 400),
        ("x" * (1024 * 1024 + 1), 413),
    ],
)
def test_what_is_no_json_object_is_refused(world: AdminWorld, raw: str, status: int) -> None:
    assert world.call("PUT", "/admin/surveys/support", raw)[0] == status


def test_a_body_that_says_it_is_something_else_is_refused(world: AdminWorld) -> None:
    status, body = world.call("PUT", "/admin/surveys/support", SURVEY, content_type="application/x-www-form-urlencoded")
    assert (status, body["error"]["code"]) == (415, "wrong_media_type")


def test_the_content_type_may_have_parameters(world: AdminWorld) -> None:
    assert world.call("PUT", "/admin/surveys/support", SURVEY, content_type="Application/JSON; charset=utf-8")[0] == 200


@pytest.mark.parametrize("path", ["/admin/contacts/ada", "/admin/answers/1", "/admin/quarantine/1", "/admin/imports/1/2", "/admin"])
def test_what_is_not_there_is_not_found(world: AdminWorld, path: str) -> None:
    assert world.call("GET", path)[0] == 404


def test_a_method_that_a_path_does_not_take_is_told_those_it_does(world: AdminWorld) -> None:
    assert world.call("PATCH", "/admin/surveys/support")[0] == 405
    assert world.headers["allow"] == "DELETE, GET, PUT"


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "", "1.0", "9" * 5000, "٣"])
def test_a_page_that_cannot_be_is_refused(world: AdminWorld, limit: str) -> None:
    assert world.call("GET", "/admin/surveys", query=f"limit={limit}")[0] == 422


# --- by hand ----------------------------------------------------------------------------------------------------------------


def test_an_invitation_by_hand_is_decided_and_its_link_handed_back(world: AdminWorld) -> None:
    wish = {"id": "shop-1", "contact": {"email": "ada@example.com", "name": "Ada"}, "conversation": {"attributes": {"store": "Mitte"}}}
    status, body = world.with_survey().call("POST", "/admin/surveys/support/invitations", wish)
    assert status == 202
    assert (body["source"], body["event_id"], body["survey"]) == ("manual", "shop-1", "support")
    assert body["decision"]["outcome"] == "pending"
    token = body["link"].removeprefix("https://ask.example/r/")
    assert world.signer.read_answer_token(token, NOW).invitation_id == body["invitation_id"]
    assert world.outbox.dispatched == [(body["invitation_id"], 0)]


def test_the_same_id_again_is_the_same_invitation(world: AdminWorld) -> None:
    wish = {"id": "shop-1", "contact": {"email": "ada@example.com"}}
    _, first = world.with_survey().call("POST", "/admin/surveys/support/invitations", wish)
    assert world.call("POST", "/admin/surveys/support/invitations", wish) == (200, first)


def test_without_an_id_every_call_is_an_invitation_of_its_own(world: AdminWorld) -> None:
    wish = {"contact": {"email": "ada@example.com"}}
    world.with_survey()
    answers = [world.call("POST", "/admin/surveys/support/invitations", wish) for _ in range(2)]
    assert [status for status, _ in answers] == [202, 202]
    assert answers[0][1]["event_id"] != answers[1][1]["event_id"]


def test_an_id_that_another_survey_used_is_refused(world: AdminWorld) -> None:
    wish = {"id": "shop-1", "contact": {"email": "ada@example.com"}}
    world.with_survey().with_survey("sales").call("POST", "/admin/surveys/support/invitations", wish)
    status, body = world.call("POST", "/admin/surveys/sales/invitations", wish)
    assert (status, list(body["error"]["fields"])) == (422, ["id"])


def test_a_link_to_hand_out_needs_no_contact(world: AdminWorld) -> None:
    status, body = world.with_survey().call("POST", "/admin/surveys/support/invitations", {"channel": "web"})
    assert status == 202
    assert body["link"].startswith("https://ask.example/r/")
    story = world.stories.get(body["invitation_id"])
    assert story is not None
    assert story.trigger.conversation.channel == "web"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "contact"),
        ({"contact": {"name": "Ada"}}, "contact"),
        ({"contact": {"email": "not an address"}}, "contact.email"),
        ({"contact": {"email": "ada@example.com", "shoe": 43}}, "contact.shoe"),
        ({"contact": {"id": 7}}, "contact.id"),
        ({"contact": {"email": "ada@example.com", "timezone": "Mars"}}, "contact.timezone"),
        ({"contact": {"email": "ada@example.com"}, "conversation": {"closed_at": "yesterday"}}, "conversation.closed_at"),
        ({"contact": {"email": "ada@example.com"}, "channel": "pigeon"}, "channel"),
        ({"contact": {"email": "ada@example.com"}, "id": ""}, "id"),
        ({"contact": {"email": "ada@example.com"}, "survey": "sales"}, "survey"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_with_its_path(world: AdminWorld, wish: dict[str, Any], field: str) -> None:
    status, body = world.with_survey().call("POST", "/admin/surveys/support/invitations", wish)
    assert (status, list(body["error"]["fields"])) == (422, [field])


def test_a_channel_that_the_survey_does_not_use_is_refused(world: AdminWorld) -> None:
    wish = {"contact": {"email": "ada@example.com"}, "channel": "web"}
    status, body = world.with_survey(channels=["email"]).call("POST", "/admin/surveys/support/invitations", wish)
    assert (status, list(body["error"]["fields"])) == (422, ["channel"])


def test_nobody_can_be_invited_to_a_survey_that_is_not_there(world: AdminWorld) -> None:
    assert world.call("POST", "/admin/surveys/support/invitations", {"contact": {"email": "ada@example.com"}})[0] == 404


def test_a_switched_off_survey_says_so_and_gives_no_link(world: AdminWorld) -> None:
    wish = {"contact": {"email": "ada@example.com"}}
    _, body = world.with_survey(enabled=False).call("POST", "/admin/surveys/support/invitations", wish)
    assert (body["decision"]["reason"], body["link"]) == ("survey_disabled", None)


# --- why --------------------------------------------------------------------------------------------------------------------


def test_a_trigger_is_explained_whatever_its_event_id_looks_like(world: AdminWorld) -> None:
    for event_id in ("event-1", "ticket/7:solved", "a b?c", "ünï%41"):
        story = a_story(event_id)
        world.stories.add(story, due=None, asked_day=None)
        status, body = world.call("GET", f"/admin/triggers/helpdesk/{event_id}")
        assert (status, body["event_id"]) == (200, event_id)


def test_the_whole_story_is_told(world: AdminWorld) -> None:
    answered(world, rating=2)
    status, body = world.call("GET", "/admin/triggers/helpdesk/event-1")
    assert status == 200
    assert body["variables"]["contact"]["email"] == "ada@example.com"
    assert body["answers"][0]["rating"] == 2
    assert [(each["sink"], each["state"]) for each in body["forwards"]] == [("crm", "pending")]
    assert "The answer is 2" in body["explanation"]
    assert body["link"].startswith("https://ask.example/r/")


def test_a_trigger_that_never_came_is_not_found(world: AdminWorld) -> None:
    assert world.call("GET", "/admin/triggers/helpdesk/nothing")[0] == 404


def test_links_lead_to_the_address_that_was_called_where_no_other_is_configured(world: AdminWorld) -> None:
    world.handler = http_handler(admin_routes(replace(world.uses, public_url="")))
    _, body = world.with_survey().call("POST", "/admin/surveys/support/invitations", {"channel": "web"})
    assert body["link"].startswith("https://api.example/r/")


# --- sinks ------------------------------------------------------------------------------------------------------------------


def test_a_dry_run_shows_the_request_and_sends_nothing(world: AdminWorld) -> None:
    status, body = world.with_survey().with_sink().call("POST", "/admin/sinks/crm/dry-run")
    assert status == 200
    assert body["request"]["method"] == "POST"
    assert body["request"]["url"] == "https://sink.example/answers"
    assert body["rating"] == 5
    assert not world.sink.delivered
    assert not world.outbox.forwards


def test_a_dry_run_takes_a_real_answer(world: AdminWorld) -> None:
    invitation = answered(world.with_survey().with_sink(), rating=3)
    status, body = world.call("POST", "/admin/sinks/crm/dry-run", {"source": "helpdesk", "event_id": "event-1"})
    assert (status, body["rating"]) == (200, 3)
    assert body["request"]["body"] == f"{invitation}.crm.1"


def test_a_dry_run_takes_a_sample(world: AdminWorld) -> None:
    sample = {"answer": {"rating": 1}, "trigger": {"source": "desk", "contact": {"name": "Eve"}}}
    status, body = world.with_survey().with_sink().call("POST", "/admin/sinks/crm/dry-run", sample)
    assert (status, body["rating"]) == (200, 1)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"source": "helpdesk"}, "event_id"),
        ({"source": "helpdesk", "event_id": "event-1", "answer": {"rating": 1}}, "answer"),
        ({"answer": {"rating": 9}}, "rating"),
        ({"answer": {"rating": "5"}}, "answer.rating"),
        ({"survey": "sales"}, "survey"),
        ({"answr": {}}, "answr"),
    ],
)
def test_a_dry_run_that_cannot_be_is_refused(world: AdminWorld, wanted: dict[str, Any], field: str) -> None:
    status, body = world.with_survey().with_sink().call("POST", "/admin/sinks/crm/dry-run", wanted)
    assert (status, list(body["error"]["fields"])) == (422, [field])


def test_there_is_no_dry_run_of_a_sink_that_is_not_there(world: AdminWorld) -> None:
    assert world.call("POST", "/admin/sinks/crm/dry-run", {})[0] == 404


def test_an_answer_can_be_forwarded_once_more(world: AdminWorld) -> None:
    invitation = answered(world.with_survey().with_sink())
    status, body = world.call("POST", "/admin/forwards/replay", {"sink": "crm", "source": "helpdesk", "event_id": "event-1"})
    assert (status, body) == (202, {"replayed": 1, "skipped": 0, "next": None})
    assert world.outbox.forwards == [ForwardMessage(invitation, 1, ("crm",))]


def test_a_day_is_replayed_in_parts_each_answer_once_and_imported_ones_not(world: AdminWorld) -> None:
    world.with_survey().with_sink()
    expected = {answered(world, f"event-{n}", minutes=n) for n in range(7)}
    survey = Survey.from_plain("support", {**SURVEY, **(world.configs.get("surveys", "support").body)})  # type: ignore[union-attr]
    world.stories.import_answers(survey, [an_imported_answer()])
    wanted = {"sink": "crm", "survey": "support", "day": "2026-03-02"}
    after: str | None = ""
    calls = 0
    while after is not None:
        status, body = world.call("POST", "/admin/forwards/replay", {**wanted, "after": after})
        assert status == 202
        after, calls = body["next"], calls + 1
    sent = [each.invitation_id for each in world.outbox.forwards]
    assert calls == 3
    assert sorted(sent) == sorted(expected)


def test_a_replay_holds_though_the_queue_is_down(world: AdminWorld) -> None:
    invitation = answered(world.with_survey().with_sink())
    world.outbox.down = True
    assert world.call("POST", "/admin/forwards/replay", {"sink": "crm", "source": "helpdesk", "event_id": "event-1"})[0] == 202
    assert invitation in {each for each, _ in world.stories.due_before(NOW + timedelta(days=1))}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"sink": "crm"}, "body"),
        ({"sink": "crm", "source": "helpdesk"}, "body"),
        ({"sink": "crm", "source": "a", "event_id": "b", "survey": "support", "day": "2026-03-02"}, "body"),
        ({"sink": "crm", "survey": "support", "day": "2026-02-30"}, "day"),
        ({"sink": "crm", "survey": "sales", "day": "2026-03-02"}, "survey"),
        ({"sink": "none", "survey": "support", "day": "2026-03-02"}, "sink"),
        ({"survey": "support", "day": "2026-03-02"}, "sink"),
    ],
)
def test_a_replay_that_cannot_be_is_refused(world: AdminWorld, wanted: dict[str, Any], field: str) -> None:
    status, body = world.with_survey().with_sink().call("POST", "/admin/forwards/replay", wanted)
    assert (status, list(body["error"]["fields"])) == (422, [field])


@pytest.mark.parametrize("wanted", [{"source": "helpdesk", "event_id": "event-1"}, {"survey": "support", "day": "2026-03-02"}])
def test_nothing_is_replayed_to_a_sink_that_does_not_take_this_survey_s_answers(world: AdminWorld, wanted: dict[str, Any]) -> None:
    world.with_survey("sales").with_sink("other", surveys=["sales"])
    answered(world.with_survey())
    status, body = world.call("POST", "/admin/forwards/replay", {"sink": "other", **wanted})
    assert (status, list(body["error"]["fields"])) == (422, ["sink"])
    assert not world.outbox.forwards


# --- imports ----------------------------------------------------------------------------------------------------------------

IMPORT: dict[str, Any] = {
    "object": "imports/past.csv",
    "survey": "support",
    "columns": {"rating": "CSAT Score", "answered_at": "Date", "agent": "Agent"},
    "time_format": "%d-%b-%y",
}


def with_past(world: AdminWorld) -> AdminWorld:
    world.blobs.put("imports/past.csv", b"CSAT Score,Date,Agent\n5,01-Aug-23,Ada\n", "text/csv")
    return world.with_survey()


def test_an_import_is_begun_shown_and_listed(world: AdminWorld) -> None:
    status, begun = with_past(world).call("POST", "/admin/imports", IMPORT)
    assert (status, begun["state"], begun["timezone"]) == (202, "queued", "UTC")
    assert world.outbox.imports == [begun["id"]]
    assert world.call("GET", f"/admin/imports/{begun['id']}") == (200, begun)
    _, listed = world.call("GET", "/admin/imports")
    assert [each["id"] for each in listed["items"]] == [begun["id"]]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"object": "reports/past.csv"}, "object"),
        ({"object": "imports/none.csv"}, "object"),
        ({"survey": "sales"}, "survey"),
        ({"columns": {"rating": "CSAT Score"}}, "columns.answered_at"),
        ({"columns": {"rating": 5, "answered_at": "Date"}}, "columns.rating"),
        ({"time_format": "%H:%M"}, "time_format"),
        ({"time_format": "%d %d %m %Y"}, "time_format"),
        ({"timezone": "Mars"}, "timezone"),
        ({"delimiter": "x"}, "delimiter"),
        ({"scale": {"min": 1, "max": 9.5}}, "scale.max"),
        ({"valid_range": {"min": 0, "max": 9}}, "valid_range"),
        ({"header": True}, "header"),
    ],
)
def test_an_import_that_cannot_be_is_refused_with_its_path(world: AdminWorld, changes: dict[str, Any], field: str) -> None:
    status, body = with_past(world).call("POST", "/admin/imports", {**IMPORT, **changes})
    assert (status, list(body["error"]["fields"])) == (422, [field])
    assert world.configs.all("imports") == []


def test_an_import_that_never_was_is_not_found(world: AdminWorld) -> None:
    assert world.call("GET", "/admin/imports/none")[0] == 404
    assert world.call("GET", f"/admin/imports/{'x' * 2000}")[0] == 404


# --- reports ----------------------------------------------------------------------------------------------------------------


def test_a_report_is_read_with_the_keys_of_its_other_forms(world: AdminWorld) -> None:
    key = "reports/survey=support/period=week/2026-03-02/report.json"
    world.blobs.put(key, b'{"survey": "support", "counts": {"valid": 3}}', "application/json")
    status, body = world.call("GET", "/admin/reports/support/2026-03-05", query="period=week")
    assert (status, body["counts"]) == (200, {"valid": 3})
    assert body["files"]["html"] == key.replace(".json", ".html")


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/admin/reports/support/2026-03-05", "", 404),
        ("/admin/reports/Support/2026-03-05", "", 404),
        ("/admin/reports/support/2026-02-30", "", 422),
        ("/admin/reports/support/20260305", "", 422),
        ("/admin/reports/support/today", "", 422),
        ("/admin/reports/support/0001-01-01", "period=week", 422),
        ("/admin/reports/support/2026-03-05", "period=year", 422),
    ],
)
def test_a_report_that_is_not_there_or_cannot_be(world: AdminWorld, path: str, query: str, status: int) -> None:
    assert world.call("GET", path, query=query)[0] == status


# --- whatever is sent -------------------------------------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
known = st.sampled_from(
    ["id", "kind", "secret", "credentials", "contact", "conversation", "channel", "sink", "survey", "day", "source", "event_id"]
) | st.sampled_from(["answer", "trigger", "object", "columns", "timezone", "metric", "texts", "surveys", "keep_previous_hours", "after"])
routes = st.sampled_from([(method, path) for method, path, _ in admin_routes(AdminWorld().uses) if method in ("PUT", "POST")])
parts = st.sampled_from(["support", "crm", "x"]) | st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    routes,
    parts,
    st.dictionaries(known | st.text(max_size=5), anything, max_size=4),
    st.sampled_from(["standard", "zendesk", "http", None]),
)
def test_whatever_is_sent_the_answer_is_an_answer_or_a_refusal(
    route: tuple[str, str], part: str, body: dict[str, Any], kind: str | None
) -> None:
    world = AdminWorld().with_survey().with_sink()
    path = "/".join(part if each.startswith("{") else each for each in route[1].split("/"))
    status, answer = world.call(route[0], path, {**body, **({"kind": kind} if kind else {})})
    assert status in {200, 202, 400, 404, 405, 422}
    if status >= 400:
        assert set(answer["error"]) <= {"code", "message", "fields"}


@settings(deadline=None)
@given(st.text(max_size=40))
def test_whatever_text_is_sent_nothing_breaks(raw: str) -> None:
    assert AdminWorld().call("PUT", "/admin/surveys/support", raw)[0] in {200, 400, 422}
