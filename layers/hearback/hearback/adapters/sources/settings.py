"""What PUT /admin/sources/{id} takes, by kind. Secret fields arrive merged with those that are stored already."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WrapValidator

from hearback.domain.ids import ID_PATTERN
from hearback.domain.signatures import standard_webhooks_key
from hearback.domain.web_address import base_url_problem

SHORTEST_SECRET = 8
"""Vendors choose the secrets they sign with; what is shorter than this is a slip of the hand."""
LONGEST_SECRET = 500
MOST_SECRETS = 5
LEAST_KEY_BYTES = 16


def _address(url: str) -> str:
    if problem := base_url_problem(url):
        raise ValueError(problem)
    return url.rstrip("/")


def _secrets(value: Any, _: object) -> str | list[str]:
    """One secret, or up to five: vendors sign with another one per webhook, or change theirs."""
    given = value if isinstance(value, list) else [value]
    if not 1 <= len(given) <= MOST_SECRETS or not all(isinstance(each, str) for each in given):
        raise ValueError(f"must be a text, or a list of at most {MOST_SECRETS} texts")
    if not all(SHORTEST_SECRET <= len(each) <= LONGEST_SECRET for each in given):
        raise ValueError(f"must have {SHORTEST_SECRET} to {LONGEST_SECRET} characters")
    checked: str | list[str] = value
    return checked


def _standard_secrets(value: Any, _: object) -> str | list[str]:
    checked = _secrets(value, _)
    keys = [standard_webhooks_key(each) for each in (checked if isinstance(checked, list) else [checked])]
    if any(key is None or len(key) < LEAST_KEY_BYTES for key in keys):
        raise ValueError(f"must be whsec_ and base64 of at least {LEAST_KEY_BYTES} random bytes (24 or more are usual)")
    return checked


BaseUrl = Annotated[str, AfterValidator(_address)]
Secrets = Annotated[str | list[str], WrapValidator(_secrets)]
StandardSecrets = Annotated[str | list[str], WrapValidator(_standard_secrets)]


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    name: str = Field("", max_length=200)
    enabled: bool = True
    survey: Annotated[str, Field(pattern=rf"^({ID_PATTERN.pattern})?$")] = ""


class StandardSettings(_Source):
    kind: Literal["standard"]
    secret: StandardSecrets


class ZendeskSettings(_Source):
    """`email` and `api_token` let the requester's address be looked up, which ticket events do not carry."""

    kind: Literal["zendesk"]
    secret: Secrets
    base_url: BaseUrl | None = None
    subdomain: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}$")] | None = None
    email: Annotated[str, Field(max_length=254, pattern=r"^[^\s:]+@[^\s:]+$")] | None = None
    api_token: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    recorded_tag: Annotated[str, Field(min_length=1, max_length=100)] = "csat_recorded"


class ChatwootSettings(_Source):
    kind: Literal["chatwoot"]
    secret: Secrets
    unsigned: bool = False


class RespondioSettings(_Source):
    kind: Literal["respondio"]
    secret: Secrets
    skip_closed_by: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=20)] = ["auto_close"]


SETTINGS: dict[str, type[BaseModel]] = {
    "standard": StandardSettings,
    "zendesk": ZendeskSettings,
    "chatwoot": ChatwootSettings,
    "respondio": RespondioSettings,
}
