"""What PUT /admin/channels/{id} takes, by kind. Secret fields arrive merged with those that are stored already."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hearback.domain.ids import ID_PATTERN
from hearback.domain.web_address import base_url_problem


def _address(url: str) -> str:
    if problem := base_url_problem(url):
        raise ValueError(problem)
    return url.rstrip("/")


def _mailbox(text: str) -> str:
    if not text.isprintable() or "@" not in text:
        raise ValueError("must be an address such as feedback@example.com or Acme <feedback@example.com>")
    return text


BaseUrl = Annotated[str, AfterValidator(_address)]
Mailbox = Annotated[str, Field(min_length=3, max_length=320), AfterValidator(_mailbox)]
Word = Annotated[str, Field(min_length=1, max_length=500)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,512}$")]
LanguageCode = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$")]


class _Channel(BaseModel):
    """`surveys`: the only ones that may use this channel when they name its kind; empty: all may."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    name: str = Field("", max_length=200)
    enabled: bool = True
    surveys: Annotated[list[Annotated[str, Field(pattern=rf"^{ID_PATTERN.pattern}$")]], Field(max_length=100)] = []


class EmailSettings(_Channel):
    """`from` may be left out where the stack has a sender (parameter EmailFrom)."""

    kind: Literal["email"]
    sender: Annotated[Mailbox | None, Field(alias="from")] = None
    reply_to: Mailbox | None = None
    configuration_set: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    base_url: BaseUrl | None = None


class WhatsappCredentials(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    access_token: Word
    phone_number_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    app_secret: Annotated[str, Field(min_length=8, max_length=500)]
    verify_token: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class WhatsappTemplate(BaseModel):
    """An approved template. `body` fills its {{1}}, {{2}}, ...; `buttons`: "link", its first button opens
    `https://.../r/{{1}}`; "ratings", it has a quick reply for each rating from low to high; "none".
    """

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    name: Name
    language: LanguageCode | None = None
    languages: dict[LanguageCode, LanguageCode] = {}
    body: Annotated[list[Literal["question", "low", "high", "subject", "page"]], Field(max_length=10)] = []
    buttons: Literal["link", "ratings", "none"] = "link"


class WhatsappSettings(_Channel):
    kind: Literal["whatsapp"]
    credentials: WhatsappCredentials
    base_url: BaseUrl | None = None
    api_version: Annotated[str, Field(pattern=r"^v\d{1,3}\.\d{1,2}$")] | None = None
    template: WhatsappTemplate | None = None


class WebSettings(_Channel):
    kind: Literal["web"]


SETTINGS: dict[str, type[BaseModel]] = {"email": EmailSettings, "whatsapp": WhatsappSettings, "web": WebSettings}
