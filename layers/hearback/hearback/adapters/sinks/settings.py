"""What PUT /admin/sinks/{id} takes, by kind. Every template is checked here: a name that does not exist never gets stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationInfo,
    WrapValidator,
    field_validator,
    model_validator,
)

from hearback.adapters.sinks.http import is_json_template
from hearback.domain.errors import Invalid
from hearback.domain.ids import ID_PATTERN
from hearback.domain.signatures import standard_webhooks_key
from hearback.domain.templates import ANSWER_NAMES, ERASURE_NAMES, check_template
from hearback.domain.web_address import base_url_problem, url_problem

LEAST_KEY_BYTES = 16
LONGEST_SECRET = 500
MOST_SECRETS = 5
MOST_DIGITS = 20
_CONTROLLED = frozenset({"connection", "content-length", "host", "transfer-encoding", "accept-encoding"})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _refusing(problem_of: Callable[[str], str | None]) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if problem := problem_of(text):
            raise ValueError(problem)
        return text

    return checked


def _template(text: str, *, as_json: bool = False) -> str:
    try:
        check_template(text, allowed=ANSWER_NAMES, as_json=as_json)
    except Invalid as error:
        raise ValueError(error.message) from None
    return text


def _signing_secrets(value: Any, _: object) -> str | list[str]:
    """One secret, or up to five of them while the receiver changes its own."""
    given = value if isinstance(value, list) else [value]
    keys = [standard_webhooks_key(each) if isinstance(each, str) and len(each) <= LONGEST_SECRET else None for each in given]
    if not 1 <= len(given) <= MOST_SECRETS or any(key is None or len(key) < LEAST_KEY_BYTES for key in keys):
        raise ValueError(f"must be whsec_ and base64 of at least {LEAST_KEY_BYTES} random bytes (24 or more are usual), or a list of these")
    checked: str | list[str] = value
    return checked


def _field_number(name: str) -> str:
    if not (name.isascii() and name.isdigit() and len(name) <= MOST_DIGITS):
        raise ValueError("must be the number of a ticket field, as Zendesk's admin centre shows it")
    return name


def _header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _CONTROLLED:
        raise ValueError("is not the name of a header that may be set")
    return name


def _header_value(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("must hold no line break or control character")
    return value


Template = Annotated[str, Field(max_length=20_000), AfterValidator(_template)]
Address = Annotated[str, AfterValidator(_refusing(url_problem)), AfterValidator(_template)]
BaseUrl = Annotated[str, AfterValidator(_refusing(base_url_problem)), AfterValidator(lambda url: url.rstrip("/"))]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[str, Field(max_length=4000), AfterValidator(_header_value), AfterValidator(_template)]
FieldNumber = Annotated[str, Field(json_schema_extra={"pattern": f"^[0-9]{{1,{MOST_DIGITS}}}$"}), AfterValidator(_field_number)]
SurveyId = Annotated[str, Field(pattern=rf"^{ID_PATTERN.pattern}$")]
SigningSecrets = Annotated[str | list[str], WrapValidator(_signing_secrets)]
_STRICT = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _Sink(BaseModel):
    model_config = _STRICT

    name: str = Field("", max_length=200)
    surveys: Annotated[list[SurveyId], Field(min_length=1, max_length=100)]
    enabled: bool = True


class HttpRequestSettings(BaseModel):
    """`body`: a text, or an object or list whose texts are templates; left out, the whole answer is sent as JSON."""

    model_config = _STRICT

    method: Annotated[
        Literal["GET", "POST", "PUT", "PATCH", "DELETE"], BeforeValidator(lambda word: word.upper() if isinstance(word, str) else word)
    ] = "POST"
    url: Address
    headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=50)] = {}
    body: JsonValue = None

    @field_validator("body")
    @classmethod
    def _template_body(cls, body: JsonValue, info: ValidationInfo) -> JsonValue:
        """Runs after the headers are known: a JSON template must give JSON."""
        headers = info.data.get("headers") or {}
        content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        as_json = isinstance(body, str) and is_json_template(body, content_type)
        for each in _texts(body):
            _template(each, as_json=as_json)
        return body


class ErasureRequestSettings(HttpRequestSettings):
    """What a sink is sent when a person whose answers it may have is erased. Templates may name `answer.id` and `survey.id`: nothing
    else is known any more. Without a body, {"type": "answer.erased", "data": ...} is sent; 404 and 410 count as done.
    """

    @field_validator("url", "headers", "body")
    @classmethod
    def _names_what_is_left(cls, value: JsonValue) -> JsonValue:
        for each in _texts(value):
            try:
                check_template(each, allowed=ERASURE_NAMES)
            except Invalid as error:
                raise ValueError(error.message) from None
        return value


class HttpSettings(_Sink):
    """`secret` signs each request (Standard Webhooks); `secret_headers` are headers that nobody may read again. `erase` is how the
    other side is told that a person is to be erased; without it, an erasure says that it was not.
    """

    kind: Literal["http"]
    request: HttpRequestSettings
    erase: ErasureRequestSettings | None = None
    secret: SigningSecrets | None = None
    secret_headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=10)] = {}


class Column(BaseModel):
    model_config = _STRICT

    header: Annotated[str, Field(min_length=1, max_length=200)]
    value: Template


GOOGLES_TOKENS = frozenset({"https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/token"})
"""What key files name as `token_uri`, newer and older ones."""


class ServiceAccount(BaseModel):
    """What is used of the key file Google gives; the other fields are not kept. Another `token_uri` than Google's becomes the sink's
    `token_url`.
    """

    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    client_email: Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+$", max_length=254)]
    private_key: Annotated[str, Field(pattern=r"^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----", max_length=5000)]
    private_key_id: Annotated[str, Field(max_length=200)] = ""
    token_uri: Annotated[BaseUrl | None, Field(exclude=True)] = None


def _key_file(value: Any) -> Any:
    """A key file's content may come as the text that it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("must be the content of a service account's JSON key file") from None


class GoogleSheetsSettings(_Sink):
    kind: Literal["google-sheets"]
    spreadsheet_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")]
    range: Annotated[str, Field(min_length=1, max_length=200)] = "Sheet1"
    columns: Annotated[list[Column], Field(min_length=1, max_length=200)]
    id_header: Annotated[str, Field(min_length=1, max_length=200)] | None = "Hearback id"
    service_account: Annotated[ServiceAccount, BeforeValidator(_key_file)]
    base_url: BaseUrl | None = None
    token_url: BaseUrl | None = None

    @model_validator(mode="after")
    def _tokens_where_the_key_file_says(self) -> GoogleSheetsSettings:
        named = self.service_account.token_uri
        if self.token_url is None and named not in GOOGLES_TOKENS:
            self.token_url = named
        return self


class ZendeskSettings(_Sink):
    """`fields` maps a ticket field's number to a template. `source`: the id of the source whose conversations are tickets
    (left out: any source of kind zendesk).
    """

    kind: Literal["zendesk"]
    base_url: BaseUrl | None = None
    subdomain: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}$")] | None = None
    email: Annotated[str, Field(max_length=254, pattern=r"^[^\s:]+@[^\s:]+$")]
    api_token: Annotated[str, Field(min_length=1, max_length=500)]
    fields: Annotated[dict[FieldNumber, Template], Field(min_length=1, max_length=50)]
    tag: Annotated[str, Field(pattern=r"^[^\s,]{1,80}$")] = "csat_recorded"
    source: SurveyId | None = None


def _texts(value: JsonValue) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]


SETTINGS: dict[str, type[BaseModel]] = {"http": HttpSettings, "google-sheets": GoogleSheetsSettings, "zendesk": ZendeskSettings}
