"""A person with a canary in every field goes every way there is; then they are erased, and no canary is found anywhere.

In a local cloud of its own, since it looks at all of it: the table, every version of every object, queues, dead letters, logs, secrets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest

from tests.e2e import senders
from tests.e2e.receiver import Receiver, receiver
from tests.e2e.stage import FOLLOW_UPS, WHATSAPP, Asked, Stage
from tests.local.client import Answer
from tests.local.instance import running
from tests.local.stack import Stack
from tests.permissions import keep_calls

pytestmark = pytest.mark.e2e

MAIL, PHONE = "qzmail@example.com", "4915199775533"
CONTACT = {
    "id": "qzcontact",
    "name": "Qzname",
    "email": MAIL,
    "phone": "+49 151 9977 5533",
    "language": "en",
    "addresses": {"whatsapp": PHONE},
}
CONVERSATION = {
    "id": "qzconversation",
    "channel": "",
    "subject": "qzsubject",
    "tags": ["lamp", f"from-{MAIL}"],
    "attributes": {"shop": "Mitte", "customer": MAIL, "order": "qzattribute"},
}
EVENT, COMMENT, OLD_COMMENT = "qzevent", "the qzcomment lamp broke", "the qzearlier lamp broke"
CANARIES = (
    "qzmail", PHONE, "9977 5533", "qzcontact", "qzname", "qzconversation", "qzsubject", "qzattribute", "qzevent", "qzcomment",
    "qzearlier", "qzimported", "wamid.",
)  # fmt: skip
ROWS = f"""Id,Score,When,Customer,Said
1,2,2026-01-05 09:30,{MAIL},the qzimported lamp broke
2,4,2026-01-05 10:30,bob@example.com,fine
"""
ANCIENT = """Id,Score,When,Customer,Said
1,2,2020-01-06 09:30,qzdora@example.com,the qzancient lamp broke
2,5,2020-01-06 10:30,emil@example.com,it shines
"""
ANCIENT_DAY, ANCIENT_CANARIES = "2020-01-06", ("qzdora", "qzancient")
QUEUES = (
    "DispatchQueue", "ForwardQueue", "ImportQueue", "ErasureQueue", "DispatchDlq", "ForwardDlq", "ImportDlq", "ErasureDlq",
    "FanoutFailures", "ScheduleFailures",
)  # fmt: skip


class Everything:
    """All that a stack keeps, as texts by where they are."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._stack, self._folder = stack, folder

    def __call__(self) -> dict[str, str]:
        return {**self.table(), **dict(self.objects()), **dict(self.messages()), **self.secrets(), **self.logs()}

    def table(self) -> dict[str, str]:
        return {f"table {item['pk']['S']} {item['sk']['S']}": json.dumps(item) for item in self.items()}

    def items(self) -> list[dict[str, Any]]:
        pages = self._stack.client("dynamodb").get_paginator("scan").paginate(TableName=self._stack.physical_ids["Table"])
        return [item for page in pages for item in page["Items"]]

    def restore(self, backup: list[dict[str, Any]]) -> None:
        """The table as it was; the bucket and the secrets stay as they are."""
        dynamo, table = self._stack.client("dynamodb"), self._stack.physical_ids["Table"]
        for item in self.items():
            dynamo.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
        for item in backup:
            dynamo.put_item(TableName=table, Item=item)

    def objects(self) -> Iterator[tuple[str, str]]:
        """Every version of every object."""
        s3, bucket = self._stack.client("s3"), self._stack.physical_ids["Bucket"]
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for each in page.get("Versions", []):
                body = s3.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])["Body"].read()
                yield f"object {each['Key']} {each['VersionId']}", self._text(each["Key"], body)

    def messages(self) -> Iterator[tuple[str, str]]:
        sqs = self._stack.client("sqs")
        for queue in QUEUES:
            url = self._stack.physical_ids[queue]
            found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=0)
            for n, each in enumerate(found.get("Messages", [])):
                yield f"queue {queue} {n}", json.dumps(each, default=str)

    def secrets(self) -> dict[str, str]:
        ssm = self._stack.client("ssm")
        found = ssm.get_parameters_by_path(Path="/hearback", Recursive=True, WithDecryption=True)["Parameters"]
        return {f"secret {each['Name']}": each["Value"] for each in found}

    def logs(self) -> dict[str, str]:
        logs = self._stack.client("logs")
        groups = [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]]
        return {
            f"log {group}": "\n".join(each["message"] for each in page["events"])
            for group in groups
            for page in [logs.filter_log_events(logGroupName=group)]
        }

    def _text(self, key: str, body: bytes) -> str:
        if not key.endswith(".parquet"):
            return body.decode(errors="replace")
        file = self._folder / "one.parquet"
        file.write_bytes(body)
        return str(duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(file)]).fetchall())


def canaries_in(kept: dict[str, str], canaries: tuple[str, ...] = CANARIES) -> list[tuple[str, str]]:
    return [(where, canary) for where, text in kept.items() for canary in canaries if canary.lower() in f"{where} {text}".lower()]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Everything]]:
    state = tmp_path_factory.mktemp("erasure")
    with running(state) as client:
        variables = json.loads((state / "sam-local-env.json").read_text())["Parameters"]
        yield Stage(client), Everything(Stack(variables["HEARBACK_AWS_ENDPOINT_URL"]), state)
    keep_calls(state)


@pytest.fixture(scope="module")
def sink() -> Iterator[Receiver]:
    with receiver() as known:
        known.script = {"/answers": [200], "/refuses": [400], "/erase": [204]}
        yield known


def closed(stage: Stage, source: str, event_id: str, conversation: dict[str, Any]) -> Answer:
    at = stage.now()
    data = {"conversation": conversation, "contact": CONTACT, "agent": {"id": "kim", "name": "Kim", "team": "Lamps"}}
    body = {"type": "conversation.closed", "timestamp": at.isoformat(), "data": data}
    return stage.send(source, senders.standard(body, at, event_id=event_id))


def brought_in(stage: Stage, name: str = "past", rows: str = ROWS) -> dict[str, Any]:
    put = stage.cloud.request("PUT", f"/_local/objects/imports/{name}.csv", rows.encode(), {"content-type": "text/csv"})
    assert put.status == 200
    columns = {"id": "Id", "rating": "Score", "answered_at": "When", "comment": "Said", "customer": "Customer"}
    body = {"object": f"imports/{name}.csv", "survey": stage.called("survey"), "columns": columns, "time_format": "%Y-%m-%d %H:%M"}
    begun = stage.cloud.ok("POST", "/admin/imports", body)
    stage.cloud.settle()
    done: dict[str, Any] = stage.cloud.ok("GET", f"/admin/imports/{begun['id']}")
    return done


def hears(stage: Stage, **parts: Any) -> Answer:
    webhook = senders.whatsapp(WHATSAPP["app_secret"], **parts)
    heard = stage.cloud.request("POST", f"/replies/{stage.called('wa')}", webhook.body, webhook.headers)
    stage.cloud.settle()
    return heard


def numbers(report: dict[str, Any]) -> dict[str, Any]:
    """What a report says but for words, and the names of segments that named somebody."""
    kept = {name: value for name, value in report.items() if name not in ("drivers", "driver_tests", "segments", "coverage", "examples")}
    kept["segments"] = sorted((each["by"], str(each["n"]), str(each["score"])) for each in report["segments"])
    return kept


def totals(report: dict[str, Any]) -> dict[str, Any]:
    """What stays of a report whose period goes on."""
    return {name: report[name] for name in ("counts", "score", "mean", "histogram", "response_rate")}


class Life:
    """One person's, from the first question to the last report."""

    def __init__(self, stage: Stage, sink: Receiver) -> None:
        self.stage, self.sink = stage, sink
        stage.go_on_by_day()
        self.wa = stage.whatsapp()
        stage.survey(
            channels=["same", "email"], follow_ups=FOLLOW_UPS, segments=["agent", "shop", "customer"],
            policy={"cooldown_days": 30, "edit_hours": 96},
        )  # fmt: skip
        self.source = stage.source()
        survey = stage.called("survey")
        body = {"who": "{{ contact.email }}", "said": "{{ answer.comment }}", "id": "{{ answer.id }}"}
        erase = {"method": "POST", "url": f"{sink.url}/erase", "body": {"id": "{{ answer.id }}"}}
        stage.put(
            "sinks", "crm", {"kind": "http", "surveys": [survey], "request": {"url": f"{sink.url}/answers", "body": body}, "erase": erase}
        )
        stage.put("sinks", "refuses", {"kind": "http", "surveys": [survey], "request": {"url": f"{sink.url}/refuses", "body": body}})
        self.conversation = {**CONVERSATION, "channel": self.wa}
        self.asked = Asked(self.source, EVENT, self.taken(EVENT))
        self.sent = stage.sent(self.asked, "whatsapp")[0]
        self.link = str(stage.story(self.asked)["link"])

    def taken(self, event_id: str) -> str:
        receipt = closed(self.stage, self.source, event_id, self.conversation)
        assert receipt.status == 202, receipt.text
        self.stage.cloud.settle()
        return str(receipt.json()["invitation_id"])

    def run(self) -> None:
        stage = self.stage
        hears(stage, statuses=[senders.status("delivered", self.sent, stage.now())])
        assert hears(stage, messages=[senders.typed(PHONE, "2", stage.now())]).json()["answers"] == 1
        self.comments(OLD_COMMENT)
        stage.pass_night()
        self.comments(COMMENT)
        self.taken("qzevent-2")  # within the cooldown: never asked, and known all the same
        assert brought_in(stage)["accepted"] == 2
        stage.pass_night()
        stage.cloud.settle()

    def comments(self, words: str) -> None:
        form = self.stage.page(self.asked)
        body = {"rating": 2, "details": {"comment": words}, "proof": form.value("proof")}
        said = self.stage.cloud.request("POST", self.link, body)
        assert (said.status, said.json()["status"]) == (200, "recorded"), said.text
        self.stage.cloud.settle()


def test_no_canary_is_found_anywhere_after_an_erasure(instance: tuple[Stage, Everything], sink: Receiver) -> None:
    stage, everything = instance
    life = Life(stage, sink)
    life.run()
    day = datetime.fromisoformat(stage.story(life.asked)["answers"][0]["at"]).date().isoformat()
    kept = everything()
    seen = {canary for _, canary in canaries_in(kept)}
    assert seen >= set(CANARIES), "every canary went somewhere, or this test would find nothing for nothing"
    told = {where: text for where, text in kept.items() if where.startswith(("log ", "queue "))}
    assert canaries_in(told) == [], "logs, queues and dead letters never hold any"
    assert [where for where in told if where.startswith("queue ForwardDlq")], "and there is a dead letter"
    before = numbers(stage.report(day)), totals(stage.report(day[:8] + "01", "month"))

    exported = stage.cloud.ok("GET", f"/admin/contacts/{quote(MAIL)}")
    assert {each["event_id"] for each in exported["invitations"]} == {EVENT, "qzevent-2", "1"}
    backup = everything.items()
    begun = stage.cloud.request("DELETE", f"/admin/contacts/{quote(MAIL)}")
    assert begun.status == 202, begun.text
    stage.cloud.settle()
    stage.pass_night()
    shown = stage.cloud.ok("GET", f"/admin/erasures/{begun.json()['id']}")
    assert (shown["stage"], shown["stories"], shown["told"]) == ("untold", 3, {stage.called("crm"): 1})
    assert [each["sink"] for each in shown["untold"]] == [stage.called("refuses")] * len(shown["untold"])
    assert "imports/past.csv" in shown["look_yourself"]
    nothing_is_left(everything, "after the erasure")
    assert (numbers(stage.report(day)), totals(stage.report(day[:8] + "01", "month"))) == before
    assert json.loads(sink.came[-1][1]) == {"id": life.asked.invitation}
    assert stage.cloud.get(f"/admin/contacts/{quote(MAIL)}").status == 404

    what_comes_late_brings_nothing_back(life)
    nothing_is_left(everything, "after what came late")
    everything.restore(backup)
    assert canaries_in(everything.table())
    stage.pass_night()
    stage.pass_night()
    nothing_is_left(everything, "in a table that was restored from a backup")
    assert (numbers(stage.report(day)), totals(stage.report(day[:8] + "01", "month"))) == before

    stage.cloud.ok("POST", f"/admin/erasures/{begun.json()['id']}/acknowledge")
    stage.cloud.settle()
    assert stage.cloud.ok("GET", f"/admin/erasures/{begun.json()['id']}")["stage"] == "done"


def nothing_is_left(everything: Everything, when: str) -> None:
    """The operator's own file is named by the erasure, and theirs to see to."""
    left = [(where, canary) for where, canary in canaries_in(everything()) if not where.startswith("object imports/")]
    assert left == [], when


def what_comes_late_brings_nothing_back(life: Life) -> None:
    stage = life.stage
    again = closed(stage, life.source, EVENT, life.conversation)
    assert (again.status, again.json()["status"]) == (200, "duplicate")
    assert stage.cloud.get(life.link).status == 410
    assert hears(stage, statuses=[senders.status("read", life.sent, stage.now())]).status == 200
    assert hears(stage, messages=[senders.typed(PHONE, "5", stage.now())]).json()["answers"] == 0
    assert brought_in(stage)["state"] == "done"
    stage.pass_night()


def test_what_is_older_than_the_stack_keeps_goes_by_itself_and_is_counted_as_before(instance: tuple[Stage, Everything]) -> None:
    """RetentionDays is 730 unless somebody chooses otherwise; the table is gone through once a week."""
    stage, everything = Stage(instance[0].cloud), instance[1]
    stage.survey()
    assert brought_in(stage, "ancient", ANCIENT)["accepted"] == 2
    assert {canary for _, canary in canaries_in(everything.table(), ANCIENT_CANARIES)} == set(ANCIENT_CANARIES)
    stage.pass_night()
    before = totals(stage.report(ANCIENT_DAY))
    assert before["counts"]["answered"] == 2
    for _ in range(9):
        stage.pass_night()
    left = [(where, canary) for where, canary in canaries_in(everything(), ANCIENT_CANARIES) if not where.startswith("object imports/")]
    assert left == []
    assert totals(stage.report(ANCIENT_DAY)) == before
    stage.cloud.ok("POST", "/_local/functions/nightly_scoring", {"survey": stage.called("survey"), "day": ANCIENT_DAY})
    assert totals(stage.report(ANCIENT_DAY)) == before
