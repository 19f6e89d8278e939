"""SES v2: one mail, one try, and what is known of it afterwards.

SES has no idempotency key, so a client that is passed in here must try once only (`total_max_attempts` 1): whether to send
again is decided by what comes back, never by the SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProxyConnectionError,
)

from hearback.domain.retry_after import retry_after_seconds
from hearback.ports import Accepted, Attachment, Busy, Mail, Refusal, SendResult, Silence

_BUSY = frozenset(
    {"LimitExceededException", "RequestLimitExceeded", "ServiceUnavailable", "SlowDown", "Throttling", "ThrottlingException"}
    | {"TooManyRequestsException"}
)
_WHOLE_CHANNEL = frozenset(
    {"AccessDenied", "AccessDeniedException", "AccountSuspendedException", "ExpiredToken", "ExpiredTokenException"}
    | {"InvalidClientTokenId", "MailFromDomainNotVerifiedException", "SendingPausedException", "SignatureDoesNotMatch"}
    | {"UnrecognizedClientException"}
)
_NEVER_LEFT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
_SERVER_ERROR = 500


class SesMailer:
    """Mail to the stack's own people. Somebody else's mail program is told that nobody wrote it (RFC 3834)."""

    def __init__(self, client: Any, sender: str) -> None:
        self._client, self._sender = client, sender

    def send(self, mail: Mail) -> SendResult:
        return send_email(self._client, mail_request(mail, self._sender))


def mail_request(mail: Mail, sender: str) -> dict[str, Any]:
    """The arguments of SES v2 SendEmail."""
    headers = {"Auto-Submitted": "auto-generated", **mail.headers}
    content: dict[str, Any] = {
        "Subject": utf8(mail.subject),
        "Body": {"Text": utf8(mail.text), "Html": utf8(mail.html)},
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
    }
    if mail.attachments:
        content["Attachments"] = [_attached(each) for each in mail.attachments]
    return {"FromEmailAddress": sender, "Destination": {"ToAddresses": list(mail.to)}, "Content": {"Simple": content}}


def send_email(client: Any, request: Mapping[str, Any]) -> SendResult:
    try:
        reply = client.send_email(**request)
    except ClientError as error:
        return _refused(error)
    except _NEVER_LEFT as error:
        return Busy(type(error).__name__)
    except (NoCredentialsError, ParamValidationError) as error:
        return Refusal(type(error).__name__, "the request could not be made", rest_of_channel=True)
    except BotoCoreError as error:
        return Silence(type(error).__name__)
    return Accepted(str(reply.get("MessageId", "")))


def _headers(error: ClientError) -> Mapping[str, str]:
    return error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})


def utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def _attached(attachment: Attachment) -> dict[str, Any]:
    return {
        "FileName": attachment.name,
        "ContentType": attachment.content_type,
        "ContentDisposition": "ATTACHMENT",
        "ContentTransferEncoding": "BASE64",
        "RawContent": attachment.body,
    }


def _refused(error: ClientError) -> SendResult:
    """SES answered. A server error other than "unavailable" does not say whether the message had been taken already."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _BUSY or status in {429, 503}:
        return Busy(code or str(status), retry_after_seconds(_headers(error).get("retry-after", ""), None))
    if status >= _SERVER_ERROR:
        return Silence(f"SES answered {status}")
    return Refusal(code or str(status), f"SES answered {status}", rest_of_channel=code in _WHOLE_CHANNEL)
