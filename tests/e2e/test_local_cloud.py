"""Promises of the local cloud itself: its routes, its vendors, its clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.local.client import Client


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_health_says_ready_once_everything_works(cloud: Client) -> None:
    assert cloud.get("/_local/health").json() == {"ready": True}


def test_every_route_of_the_template_reaches_a_function(cloud: Client) -> None:
    for method, path in (
        ("POST", "/triggers/nobody"),
        ("POST", "/replies/nobody"),
        ("GET", "/r/no-token"),
        ("POST", "/u/no-token"),
        ("GET", "/admin/surveys"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
    ):
        answer = cloud.request(method, path)
        assert answer.headers["apigw-requestid"]
        assert answer.body != b'{"message":"Not Found"}'


def test_a_path_that_nobody_serves_is_not_found(cloud: Client) -> None:
    assert cloud.get("/nothing/here").status == 404
    assert cloud.get("/_local/nothing").status == 404


def test_an_object_is_read_back_as_it_was_written(cloud: Client) -> None:
    body = bytes(range(256))
    assert cloud.request("PUT", "/_local/objects/imports/odd%20name%3D1.csv", body, {"Content-Type": "text/csv"}).status == 200
    found = cloud.get("/_local/objects/imports/odd%20name%3D1.csv")
    assert (found.status, found.body, found.headers["Content-Type"]) == (200, body, "text/csv")
    assert "imports/odd name=1.csv" in [each["key"] for each in cloud.get("/_local/objects?prefix=imports/").json()]
    assert cloud.get("/_local/objects/imports/none").status == 404


def test_another_sites_page_cannot_administer(cloud: Client) -> None:
    for path in ("/admin/surveys", "/_local/clock"):
        assert cloud.request("GET", path, headers={"Origin": "https://elsewhere.example"}).status == 403
        assert cloud.request("GET", path, headers={"Origin": cloud.url}).status == 200


def test_an_unknown_function_is_not_found(cloud: Client) -> None:
    assert cloud.post("/_local/functions/nobody", {}).status == 404


def test_the_clock_goes_forward_and_back(cloud: Client) -> None:
    before = moment(cloud.get("/_local/clock").json()["now"])
    answer = cloud.advance(3 * 24 * 3600)
    assert timedelta(0) <= moment(answer["now"]) - before - timedelta(days=3) < timedelta(minutes=1)
    assert answer["steps"] >= 3, "three nights at least"
    back = cloud.set_clock(before.isoformat())
    assert moment(back["now"]) - before < timedelta(seconds=5)


def test_a_clock_that_is_told_nonsense_says_so(cloud: Client) -> None:
    assert cloud.post("/_local/clock", {"now": "yesterday"}).status == 400
    assert cloud.post("/_local/clock", b"{").status == 400


def test_an_email_is_a_message_with_its_links(cloud: Client) -> None:
    email = {
        "Destination": {"ToAddresses": ["ann@example.com"]},
        "Content": {
            "Simple": {
                "Subject": {"Data": "How was it?"},
                "Body": {
                    "Text": {"Data": "Rate us: https://example.com/r/abc?rating=5."},
                    "Html": {"Data": '<a href="https://example.com/r/abc?rating=1&amp;x=2">1</a>'},
                },
            }
        },
    }
    sent = cloud.request("POST", "/_local/vendors/ses/v2/email/outbound-emails", email, {"Authorization": "AWS4 secret"})
    assert sent.json()["MessageId"]
    message = cloud.messages()[-1]
    assert (message["channel"], message["to"]) == ("email", "ann@example.com")
    assert message["links"] == ["https://example.com/r/abc?rating=5", "https://example.com/r/abc?rating=1&x=2"]
    assert message["request"]["headers"]["authorization"] == "***"
    assert message["request"]["body"] == email


def test_a_whatsapp_message_shows_what_the_customer_reads(cloud: Client) -> None:
    rows = [{"id": "5", "title": "5 - very good"}]
    body = {
        "to": "+49171000000",
        "type": "interactive",
        "interactive": {"type": "list", "body": {"text": "How was it?"}, "action": {"sections": [{"rows": rows}]}},
    }
    sent = cloud.post("/_local/vendors/whatsapp/v23.0/1055/messages", body).json()
    assert sent["contacts"] == [{"input": "+49171000000", "wa_id": "49171000000"}]
    message = cloud.messages()[-1]
    assert (message["channel"], message["to"], message["text"]) == ("whatsapp", "+49171000000", "How was it?\n5 - very good")


def test_zendesk_knows_a_made_up_requester_and_takes_ticket_fields(cloud: Client) -> None:
    user = cloud.get("/_local/vendors/zendesk/api/v2/users/42.json").json()["user"]
    assert (user["id"], user["email"]) == (42, "requester-42@example.com")
    ticket = {"ticket": {"custom_fields": [{"id": 1, "value": "5"}]}}
    assert (
        cloud.put("/_local/vendors/zendesk/api/v2/tickets/7.json", ticket).json()["ticket"]["custom_fields"]
        == ticket["ticket"]["custom_fields"]
    )
    entry = cloud.requests("zendesk")[-1]
    assert (entry["status"], entry["request"]["method"], entry["request"]["body"]) == (200, "PUT", ticket)


def test_google_gives_a_token_and_says_where_the_row_went(cloud: Client) -> None:
    assert cloud.post("/_local/vendors/google/token", b"grant_type=x").json()["expires_in"] > 3000
    path = "/_local/vendors/google/v4/spreadsheets/sheet-1/values/Answers!A1:append?valueInputOption=RAW"
    updates = cloud.post(path, {"values": [["a", 5, "c"]]}).json()["updates"]
    assert updates["updatedRange"].startswith("Answers!A")
    assert updates["updatedCells"] == 3


def test_a_receiver_in_trouble_can_be_played(cloud: Client) -> None:
    assert cloud.post("/_local/vendors/http/status/503", {"any": "thing"}).status == 503
    assert cloud.requests("http")[-1]["status"] == 503
    assert cloud.post("/_local/vendors/http/hook/1", {"any": "thing"}).status == 200


def test_settling_an_idle_system_answers_at_once(cloud: Client) -> None:
    cloud.settle()


def test_each_kind_of_source_asks_and_a_typed_reply_and_a_page_both_answer(cloud: Client) -> None:
    """The playground's story: what it signs is taken in, and what it shows can be answered."""
    for source in ("standard", "zendesk", "chatwoot", "respondio"):
        wish = {"source": source, "address": f"{source}@example.com", "channel": "email"}
        taken = cloud.ok("POST", "/_local/play/trigger", wish)
        assert (taken["status"], taken["decision"]["outcome"]) == ("accepted", "pending")
    wish = {"source": "chatwoot", "address": "+49 171 5550199", "channel": "whatsapp"}
    invitation = cloud.ok("POST", "/_local/play/trigger", wish)["invitation_id"]
    cloud.settle()
    message = next(each for each in cloud.messages() if invitation in str(each["request"]["body"]))
    replied = cloud.ok("POST", "/_local/play/whatsapp-reply", {"from": message["to"], "text": "4"})
    assert replied["answers"] == 1
    cloud.settle()
    assert invitation in str([each["request"] for each in cloud.requests("http")])
