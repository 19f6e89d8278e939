from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.session import Session
from botocore.stub import Stubber

from hearback.adapters.channels.email import Email, email_request
from hearback.adapters.channels.email_parts import html_part, text_part
from hearback.domain.trigger import Contact
from hearback.ports import Accepted, Busy, Question, Refusal, Secret, SendResult, Silence
from tests.builders import a_survey
from tests.unit.adapters.channels.questions import NPS, PAGE, a_question

SENDER = "Acme <feedback@example.com>"


@dataclass
class Ses:
    """Takes a mail, or raises."""

    failure: Exception | None = None
    sent: list[dict[str, Any]] = field(default_factory=list)
    endpoints: list[str] = field(default_factory=list)

    def client(self, endpoint: str) -> Ses:
        self.endpoints.append(endpoint)
        return self

    def send_email(self, **request: Any) -> dict[str, Any]:
        self.sent.append(request)
        if self.failure:
            raise self.failure
        return {"MessageId": "ses-1"}


def send(ses: Ses, question: Question | None = None, **settings: Any) -> SendResult:
    channel = Email(ses.client, sender_default=SENDER)
    return channel.send(question or a_question(), "ada@example.com", "message", {"kind": "email", **settings}, Secret({}))


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data

    def links(self) -> list[str | None]:
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]


def test_a_mail_carries_what_is_needed_to_answer_to_stop_and_to_be_recognised() -> None:
    request = email_request(a_question(), "ada@example.com", SENDER, {"reply_to": "help@example.com", "configuration_set": "surveys"})
    simple = request["Content"]["Simple"]
    assert simple["Headers"] == [
        {"Name": "List-Unsubscribe", "Value": "<https://feedback.example.com/u/eyJpIjoiQSJ9.c2ln>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]
    assert request["EmailTags"] == [{"Name": "invitation", "Value": "AAAAAAAAAAAAAAAAAAAAAA"}, {"Name": "attempt", "Value": "attempt-1"}]
    assert (request["ReplyToAddresses"], request["ConfigurationSetName"]) == (["help@example.com"], "surveys")
    assert simple["Subject"] == {"Data": "How did we do?", "Charset": "UTF-8"}


def test_ses_would_take_the_request_as_it_is() -> None:
    client = Session().create_client("sesv2", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        stub.add_response("send_email", {"MessageId": "ses-1"})
        result = Email(lambda _: client, sender_default=SENDER).send(a_question(), "ada@example.com", "message", {}, Secret({}))
    assert result == Accepted("ses-1")


def test_every_score_is_a_link_in_both_parts_and_nothing_is_fetched() -> None:
    question = a_question()
    page = Page(html_part(question))
    wanted = [score.url for score in question.scores]
    assert page.links()[: len(wanted)] == wanted
    assert page.links()[len(wanted) :] == [PAGE, question.unsubscribe]
    assert all(url in text_part(question) for url in [*wanted, PAGE, question.unsubscribe])
    assert not {tag for tag, _ in page.tags} & {"img", "script", "link", "iframe", "style", "form"}
    assert "url(" not in html_part(question)


def test_a_score_says_aloud_what_it_means() -> None:
    labels = [
        attributes["aria-label"] for tag, attributes in Page(html_part(a_question())).tags if tag == "a" and "aria-label" in attributes
    ]
    assert labels == [score.label for score in a_question().scores]
    assert "1 = bad" in Page(html_part(a_question())).said


def test_a_right_to_left_mail_keeps_its_scale_from_low_to_high() -> None:
    text = html_part(a_question(language="ar"))
    page = Page(text)
    assert next(attributes for tag, attributes in page.tags if tag == "html") == {"lang": "ar", "dir": "rtl"}
    scale = text[text.index('dir="ltr"') :]
    assert [scale.index(f"rating={n}") for n in range(1, 6)] == sorted(scale.index(f"rating={n}") for n in range(1, 6))


def test_customers_words_are_text_in_the_mail() -> None:
    hostile = a_question(question='<script>alert("1")</script> & <b>', low="<i>", high='"', subject="a\r\nBcc: x@example.com")
    assert "script" not in {tag for tag, _ in Page(html_part(hostile)).tags}
    assert '<script>alert("1")</script> & <b>' in Page(html_part(hostile)).said
    subject = email_request(hostile, "a@example.com", SENDER, {})["Content"]["Simple"]["Subject"]["Data"]
    assert subject == "a Bcc: x@example.com"


def test_eleven_scores_take_two_rows() -> None:
    text = html_part(a_question(NPS))
    assert text.count("rating=") == 11
    assert text.count('<tr><td align="center" style="padding:4px">') == 2


def answered(code: str, status: int, **headers: str) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    return ClientError({"Error": {"Code": code, "Message": "ada@example.com"}, "ResponseMetadata": metadata}, "SendEmail")


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (answered("TooManyRequestsException", 429), Busy),
        (answered("LimitExceededException", 400), Busy),
        (answered("ThrottlingException", 400), Busy),
        (answered("ServiceUnavailable", 503), Busy),
        (EndpointConnectionError(endpoint_url="https://email"), Busy),
        (ConnectTimeoutError(endpoint_url="https://email"), Busy),
        (answered("MessageRejected", 400), Refusal),
        (answered("BadRequestException", 400), Refusal),
        (answered("AccessDeniedException", 403), Refusal),
        (NoCredentialsError(), Refusal),
        (answered("InternalFailure", 500), Silence),
        (ReadTimeoutError(endpoint_url="https://email"), Silence),
        (ConnectionClosedError(endpoint_url="https://email"), Silence),
    ],
)
def test_what_ses_answers_says_whether_it_took_the_mail(failure: Exception, kind: type[SendResult]) -> None:
    result = send(Ses(failure))
    assert type(result) is kind
    assert "ada@example.com" not in repr(result)


def test_ses_may_say_how_long_it_wants_to_be_left_alone() -> None:
    assert send(Ses(answered("TooManyRequestsException", 429, **{"retry-after": "90"}))) == Busy("TooManyRequestsException", 90.0)


@pytest.mark.parametrize(
    ("code", "whole"), [("AccountSuspendedException", True), ("SendingPausedException", True), ("MessageRejected", False)]
)
def test_a_refusal_says_whether_the_channel_is_of_any_use(code: str, whole: bool) -> None:
    result = send(Ses(answered(code, 400)))
    assert isinstance(result, Refusal)
    assert result.rest_of_channel is whole


def test_the_channels_sender_and_address_win_over_the_stacks() -> None:
    ses = Ses()
    send(ses)
    own: dict[str, Any] = {"from": "other@example.com", "base_url": "https://ses.example.com"}
    send(ses, **own)
    assert [each["FromEmailAddress"] for each in ses.sent] == [SENDER, "other@example.com"]
    assert ses.endpoints == ["", "https://ses.example.com"]


def test_without_any_sender_nothing_is_tried() -> None:
    ses = Ses()
    result = Email(ses.client).send(a_question(), "ada@example.com", "message", {}, Secret({}))
    assert isinstance(result, Refusal)
    assert not ses.sent


def test_an_address_of_the_channel_wins_over_the_contacts() -> None:
    channel = Email(Ses().client)
    assert channel.address_of(Contact(email=" ada@example.com ")) == "ada@example.com"
    assert channel.address_of(Contact(email="a@example.com", addresses={"email": "b@example.com"})) == "b@example.com"
    assert channel.address_of(Contact(phone="+49")) == ""
    assert channel.rungs({}, a_survey()) == ("message",)
