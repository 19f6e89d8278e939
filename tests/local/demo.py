"""`make demo`: the whole story without a person. Conversations close, customers answer, forwards arrive, the night passes.

Everything goes over HTTP against a local cloud of its own, as the real senders and a browser would do it.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from tests.local.instance import running
from tests.local.seed import SURVEY
from tests.local.settings import StartError

if TYPE_CHECKING:
    from tests.local.client import Client

DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Customer:
    """Who closes a conversation where, and what they answer (None: nothing)."""

    source: str
    channel: str
    address: str
    agent: str
    rating: int | None
    comment: str = ""


COMMENTS = {5: "Quick and kind.", 2: "It took three days."}
SOURCES = ("standard", "zendesk", "chatwoot", "respondio")


def customers() -> list[Customer]:
    """Kim's customers are happier than Sam's; two of them say nothing, four came by WhatsApp."""
    ratings = (5, 4, 5, 5, None, 5, 4, 5, 2, 5, 3, 2, 4, None, 5, 3)
    found = []
    for number, rating in enumerate(ratings):
        source = SOURCES[number % len(SOURCES)]
        whatsapp = source != "zendesk" and number % 5 == 0
        address = f"+49 171 55501{number:02}" if whatsapp else f"customer-{number}@example.com"
        agent = "Kim" if number < len(ratings) / 2 else "Sam"
        found.append(Customer(source, "whatsapp" if whatsapp else "email", address, agent, rating, COMMENTS.get(rating or 0, "")))
    return found


def play(client: Client) -> None:
    print("\n1. Conversations close, and each source sends its webhook.")
    asked = [(customer, _close(client, customer)) for customer in customers()]
    client.settle()
    print("\n2. Customers answer, on the page or by a WhatsApp reply.")
    messages = client.messages()
    for customer, invitation in asked:
        _answer(client, customer, next(each for each in messages if invitation in json.dumps(each)))
    client.settle()
    _show_forwards(client)
    print("\n4. The night passes.")
    client.advance(DAY)
    _show_report(client)


def _close(client: Client, customer: Customer) -> str:
    """The invitation that comes of it."""
    wish = {"source": customer.source, "channel": customer.channel, "address": customer.address, "agent": customer.agent}
    taken = client.ok("POST", "/_local/play/trigger", wish)
    print(f"   {customer.source:<10} {customer.channel:<9} {taken['status']:<9} invitation {taken['invitation_id']}")
    return str(taken["invitation_id"])


def _answer(client: Client, customer: Customer, message: dict[str, Any]) -> None:
    if customer.rating is None:
        print(f"   {message['to']} does not answer.")
    elif customer.channel == "whatsapp":
        client.ok("POST", "/_local/play/whatsapp-reply", {"from": message["to"], "text": str(customer.rating)})
        print(f"   {message['to']} types {customer.rating}.")
    else:
        _answer_on_the_page(client, customer, message)


def _answer_on_the_page(client: Client, customer: Customer, message: dict[str, Any]) -> None:
    """Open the link as a browser does, press the rating, then say why."""
    link = next(link for link in message["links"] if f"rating={customer.rating}" in link)
    page = client.get(link)
    path = urlsplit(link).path
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    thanks = client.request("POST", path, urlencode({**_hidden(page.text), "rating": customer.rating}).encode(), form)
    _must_be_a_page(page.status, thanks.status)
    if customer.comment:
        again = {**_hidden(thanks.text), "details.comment": customer.comment}
        _must_be_a_page(client.request("POST", path, urlencode(again).encode(), form).status)
    print(f"   {message['to']} presses {customer.rating}{f' and writes: {customer.comment}' if customer.comment else ''}")


def _hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    tags = re.findall(r"<input[^>]*type=[\"']?hidden[^>]*>", page)
    return {name: value for tag in tags for name, value in [(_attribute(tag, "name"), _attribute(tag, "value"))] if name}


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"\b{name}=\"([^\"]*)\"", tag)
    return found[1] if found else ""


def _must_be_a_page(*statuses: int) -> None:
    if any(status != 200 for status in statuses):
        raise SystemExit(f"A page answered {statuses}.")


def _show_forwards(client: Client) -> None:
    print("\n3. Each answer has gone to every sink.")
    for vendor, verb in (("http", "POST"), ("google", ":append"), ("zendesk", "PUT")):
        sent = [each for each in client.requests(vendor) if verb in f"{each['request']['method']} {each['request']['url']}"]
        print(f"   {vendor:<10} {len(sent)} requests, answered {sorted({each['status'] for each in sent})}")
        if not sent:
            raise SystemExit(f"Nothing arrived at {vendor}.")


def _show_report(client: Client) -> None:
    keys = [each["key"] for each in client.ok("GET", f"/_local/objects?prefix=reports/survey={SURVEY}/")]
    day = next(key for key in sorted(keys) if "period=day" in key and key.endswith("report.json"))
    report = client.object(day).json()
    score, counts = report["score"], report["counts"]
    print(f"\n   {report['metric'].upper()} {report['period']['start']}: {_percent(score)}, target {score['target']}: {score['verdict']}")
    print("   " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    print(f"\n   {'by':<10}{'name':<22}{'n':>4}   score")
    for segment in report["segments"]:
        print(f"   {segment['by']:<10}{segment['name']:<22}{segment['n']:>4}   {_percent(segment)}")
    print("\n   Reports:")
    for key in sorted(keys):
        print(f"   {key}")


def _percent(score: dict[str, Any]) -> str:
    value, interval = score.get("value", score.get("score")), score.get("interval")
    if value is None:
        return "suppressed" if score.get("suppressed") else "no score"
    return f"{value:.1f}" + (f" [{interval['low']:.1f} - {interval['high']:.1f}]" if interval else "")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        print("Starting a local cloud of its own (about half a minute) ...", flush=True)
        try:
            with running(Path(folder)) as client:
                play(client)
        except StartError as problem:
            sys.stderr.write(f"{problem}\n")
            return 1
    print("\nThe demo is over. `make run` starts a system that stays.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
