from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hearback.adapters.channels import NEEDS_NO_SETTINGS, REGISTRY, Means
from hearback.adapters.channels.settings import SETTINGS
from hearback.domain.trigger import Contact
from hearback.ports import Accepted, Secret
from tests.builders import a_survey
from tests.fakes import ScriptedHttp
from tests.unit.adapters.channels.questions import a_question

CREDENTIALS = {"access_token": "t", "phone_number_id": "1", "app_secret": "0123456789abcdef"}


def means() -> Means:
    return Means(ScriptedHttp(), lambda _: None)


def test_every_channel_has_its_kind_and_its_settings() -> None:
    assert set(SETTINGS) == set(REGISTRY)
    assert all(REGISTRY[kind](means()).kind == kind for kind in REGISTRY)


@pytest.mark.parametrize("kind", sorted(NEEDS_NO_SETTINGS))
def test_what_needs_no_settings_works_with_none(kind: str) -> None:
    SETTINGS[kind].model_validate(NEEDS_NO_SETTINGS[kind])


def test_a_link_is_handed_out_and_nothing_is_sent() -> None:
    web = REGISTRY["web"](means())
    assert web.rungs({}, a_survey()) == ("link",)
    assert web.address_of(Contact())
    assert isinstance(web.send(a_question(), "link", "link", {}, Secret({})), Accepted)


def test_a_secret_field_is_a_field_of_the_settings() -> None:
    for kind, model in SETTINGS.items():
        fields = set(model.model_fields)
        nested = set(model.model_fields["credentials"].annotation.model_fields) if "credentials" in fields else set()  # type: ignore[union-attr]
        assert set(REGISTRY[kind](means()).secret_fields) <= fields | nested


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"kind": "email", "from": "nobody"}, "from"),
        ({"kind": "email", "from": "a@example.com\r\nBcc: b@example.com"}, "from"),
        ({"kind": "email", "sender": "a@example.com"}, "sender"),
        ({"kind": "email", "base_url": "http://example.com"}, "base_url"),
        ({"kind": "whatsapp"}, "credentials"),
        ({"kind": "whatsapp", "credentials": {**CREDENTIALS, "app_secret": "short"}}, "credentials.app_secret"),
        ({"kind": "whatsapp", "credentials": {**CREDENTIALS, "phone_number_id": "../1"}}, "credentials.phone_number_id"),
        ({"kind": "whatsapp", "credentials": CREDENTIALS, "template": {"name": "x", "buttons": "maybe"}}, "template.buttons"),
        ({"kind": "whatsapp", "credentials": CREDENTIALS, "api_version": "../v1"}, "api_version"),
        ({"kind": "web", "url": "x"}, "url"),
    ],
)
def test_what_a_channel_cannot_be_is_named_by_its_path(body: dict[str, Any], path: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SETTINGS[body["kind"]].model_validate(body)
    assert path in {".".join(map(str, each["loc"])) for each in caught.value.errors()}
