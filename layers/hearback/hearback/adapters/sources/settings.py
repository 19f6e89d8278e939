"""What PUT /admin/sources/{id} takes, by kind. Secret fields arrive merged with those that are stored already."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hearback.domain.ids import ID_PATTERN
from hearback.domain.signatures import standard_webhooks_key
from hearback.domain.web_address import base_url_problem

SHORTEST_SECRET = 16
LEAST_KEY_BYTES = 16


def _address(url: str) -> str:
    if problem := base_url_problem(url):
        raise ValueError(problem)
    return url.rstrip("/")


def _standard_secret(secret: str) -> str:
    key = standard_webhooks_key(secret)
    if key is None or len(key) < LEAST_KEY_BYTES:
        raise ValueError(f"must be whsec_ and base64 of at least {LEAST_KEY_BYTES} random bytes (24 or more are usual)")
    return secret


BaseUrl = Annotated[str, AfterValidator(_address)]
SecretText = Annotated[str, Field(min_length=SHORTEST_SECRET, max_length=500)]
StandardSecret = Annotated[SecretText, AfterValidator(_standard_secret)]
Several = Annotated[list[SecretText], Field(min_length=1, max_length=5)]


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    name: str = Field("", max_length=200)
    enabled: bool = True
    survey: Annotated[str, Field(pattern=rf"^({ID_PATTERN.pattern})?$")] = ""


class StandardSettings(_Source):
    kind: Literal["standard"]
    secret: StandardSecret | Annotated[list[StandardSecret], Field(min_length=1, max_length=5)]


class ZendeskSettings(_Source):
    """`email` and `api_token` let the requester's address be looked up, which ticket events do not carry."""

    kind: Literal["zendesk"]
    secret: SecretText | Several
    base_url: BaseUrl | None = None
    subdomain: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}$")] | None = None
    email: Annotated[str, Field(max_length=254, pattern=r"^[^\s:]+@[^\s:]+$")] | None = None
    api_token: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    recorded_tag: Annotated[str, Field(min_length=1, max_length=100)] = "csat_recorded"


class ChatwootSettings(_Source):
    kind: Literal["chatwoot"]
    secret: SecretText | Several
    unsigned: bool = False


class RespondioSettings(_Source):
    kind: Literal["respondio"]
    secret: SecretText | Several
    skip_closed_by: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=20)] = ["auto_close"]


SETTINGS: dict[str, type[BaseModel]] = {
    "standard": StandardSettings,
    "zendesk": ZendeskSettings,
    "chatwoot": ChatwootSettings,
    "respondio": RespondioSettings,
}
