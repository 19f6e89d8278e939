"""A mail to the stack's own people, as SES v2 takes it. How failures are judged is held by the survey mail's tests."""

import botocore.session
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from hearback.adapters.aws.ses import SesMailer, mail_request
from hearback.ports import Accepted, Attachment, Mail, Refusal, Silence

MAIL = Mail(
    to=("head@example.com", "team@example.com"),
    subject="Support: CSAT 76.3%",
    text="76.3%",
    html="<p>76.3%</p>",
    attachments=(Attachment("support.html", "text/html; charset=utf-8", b"<html>\xe2\x9c\x93"),),
)


def test_the_sdks_own_model_accepts_the_mail_with_its_attachment() -> None:
    client = botocore.session.get_session().create_client(
        "sesv2", region_name="eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    with Stubber(client) as stub:
        stub.add_response("send_email", {"MessageId": "1"}, mail_request(MAIL, "reports@example.com"))
        assert SesMailer(client, "reports@example.com").send(MAIL) == Accepted("1")


def test_a_machine_wrote_it_and_says_so() -> None:
    headers = mail_request(MAIL, "x@example.com")["Content"]["Simple"]["Headers"]
    assert {"Name": "Auto-Submitted", "Value": "auto-generated"} in headers


def test_the_report_is_an_attachment_and_not_a_part_of_the_page() -> None:
    (attached,) = mail_request(MAIL, "x@example.com")["Content"]["Simple"]["Attachments"]
    assert (attached["ContentDisposition"], attached["RawContent"]) == ("ATTACHMENT", b"<html>\xe2\x9c\x93")


@pytest.mark.parametrize(
    ("failure", "judged"),
    [
        (ClientError({"Error": {"Code": "MessageRejected"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "SendEmail"), Refusal),  # type: ignore[typeddict-item]
        (ReadTimeoutError(endpoint_url="https://example.com"), Silence),
    ],
)
def test_what_is_known_of_a_mail_that_failed_is_told_and_nothing_raised(failure: Exception, judged: type) -> None:
    class Broken:
        def send_email(self, **_: object) -> None:
            raise failure

    result = SesMailer(Broken(), "reports@example.com").send(MAIL)
    assert isinstance(result, judged)
    assert "example.com" not in str(result)
