"""Surveys, sources, channels and sinks are put, shown, listed and deleted; their secrets are kept and never shown."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from hearback.adapters.admin.rules import AdminRules, Family
from hearback.domain.errors import Invalid, NotFound
from hearback.usecases.configure import Configure
from tests.builders import NOW
from tests.fakes import FixedClock, MemoryConfigs, MemorySecrets


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class HelpdeskSettings(Strict):
    kind: str
    secret: str | list[str]
    api_token: str | None = None
    survey: str = ""


class ChatSettings(Strict):
    kind: str
    credentials: dict[str, str]
    base_url: str = ""


class HttpSettings(Strict):
    class Request(Strict):
        url: str

    kind: str
    request: Request
    surveys: list[str] = []
    secret: str = ""


RULES = AdminRules(
    {
        "sources": Family({"helpdesk": HelpdeskSettings}, {"helpdesk": ("secret", "api_token")}),
        "channels": Family({"chat": ChatSettings, "email": ChatSettings, "web": ChatSettings}, {"chat": ("access_token", "app_secret")}),
        "sinks": Family({"http": HttpSettings}, {"http": ("secret",)}),
    },
    lambda _: None,
)
SURVEY = {"metric": "csat", "texts": {"en": {"question": "How was it?"}}}


def only_example_com(url: str) -> None:
    if not url.startswith("https://example.com/"):
        raise Invalid("leads to a place that must not be called")


class World:
    def __init__(self) -> None:
        self.configs, self.secrets, self.clock = MemoryConfigs(), MemorySecrets(), FixedClock(NOW)
        self.configure = Configure(self.configs, self.secrets, RULES, only_example_com, self.clock)

    def put(self, family: str, config_id: str, **body: Any) -> dict[str, Any]:
        return self.configure.put(family, config_id, body)

    def refusal(self, family: str, config_id: str, **body: Any) -> dict[str, str]:
        with pytest.raises(Invalid) as refused:
            self.put(family, config_id, **body)
        return refused.value.fields


@pytest.fixture
def world() -> World:
    return World()


def test_what_was_put_is_shown_with_its_defaults(world: World) -> None:
    put = world.put("surveys", "support", **SURVEY)
    assert put["id"] == "support"
    assert put["benchmark"] == 4
    assert world.configure.show("surveys", "support") == put


def test_putting_what_was_shown_changes_nothing(world: World) -> None:
    world.put("surveys", "support", **SURVEY)
    world.put("sources", "desk", kind="helpdesk", secret="first", survey="support")
    for family, config_id in (("surveys", "support"), ("sources", "desk")):
        shown = world.configure.show(family, config_id)
        assert world.configure.put(family, config_id, shown) == shown
        assert world.configure.show(family, config_id)["version"] == 1
    assert world.secrets.kept["sources/desk"].values == {"secret": "first"}


def test_a_secret_goes_to_the_secret_store_and_is_shown_as_set(world: World) -> None:
    shown = world.put("sources", "desk", kind="helpdesk", secret="first", api_token="token", survey="")
    assert (shown["secret"], shown["api_token"]) == ("set", "set")
    assert "first" not in str(world.configs.get("sources", "desk"))
    assert "first" not in str(world.configure.page("sources"))
    assert world.secrets.kept["sources/desk"].values == {"secret": "first", "api_token": "token"}


def test_secrets_among_credentials_are_taken_out_and_the_rest_of_them_stays(world: World) -> None:
    shown = world.put("channels", "chat", kind="chat", credentials={"access_token": "hidden", "number": "7"})
    assert shown["credentials"] == {"access_token": "set", "number": "7"}
    item = world.configs.get("channels", "chat")
    assert item is not None
    assert item.body["credentials"] == {"number": "7"}
    assert world.secrets.kept["channels/chat"].values == {"access_token": "hidden"}


@pytest.mark.parametrize("secret", [{}, {"secret": "set"}])
def test_a_body_without_its_secret_keeps_the_stored_one(world: World, secret: dict[str, str]) -> None:
    world.put("sources", "desk", kind="helpdesk", secret="first", api_token="token")
    shown = world.put("sources", "desk", kind="helpdesk", survey="support", **secret)
    assert (shown["secret"], shown["api_token"], shown["survey"]) == ("set", "set", "support")
    assert world.secrets.kept["sources/desk"].values == {"secret": "first", "api_token": "token"}


def test_stored_credentials_are_kept_as_well(world: World) -> None:
    world.put("channels", "chat", kind="chat", credentials={"access_token": "hidden", "number": "7"})
    world.put("channels", "chat", kind="chat", credentials={"access_token": "set", "number": "8"})
    assert world.secrets.kept["channels/chat"].values == {"access_token": "hidden"}
    assert world.configure.show("channels", "chat")["credentials"] == {"access_token": "set", "number": "8"}


def test_null_takes_an_optional_secret_away(world: World) -> None:
    world.put("sources", "desk", kind="helpdesk", secret="first", api_token="token")
    shown = world.put("sources", "desk", kind="helpdesk", api_token=None)
    assert shown.get("api_token") is None
    assert world.secrets.kept["sources/desk"].values == {"secret": "first"}


def test_set_means_nothing_where_nothing_is_stored(world: World) -> None:
    assert "secret" in world.refusal("sources", "desk", kind="helpdesk", secret="set")
    assert "credentials.access_token" in world.refusal("channels", "chat", kind="chat", credentials={"access_token": "set"})
    assert not world.secrets.kept


def test_a_new_secret_leaves_the_old_one_valid_for_a_stated_time(world: World) -> None:
    world.put("sources", "desk", kind="helpdesk", secret="first")
    shown = world.put("sources", "desk", kind="helpdesk", secret="second")
    secret = world.secrets.kept["sources/desk"]
    assert shown["previous_secret_valid_until"] == "2026-03-03T12:00:00.000000Z"
    assert secret.live("secret", NOW + timedelta(hours=23)) == ["second", "first"]
    assert secret.live("secret", NOW + timedelta(hours=24)) == ["second"]
    world.clock.advance(hours=24)
    assert "previous_secret_valid_until" not in world.configure.show("sources", "desk")


@pytest.mark.parametrize(("hours", "live"), [(0, ["second"]), (1, ["second", "first"]), (0.5, ["second"])])
def test_how_long_the_old_secret_stays_can_be_said(world: World, hours: float, live: list[str]) -> None:
    world.put("sources", "desk", kind="helpdesk", secret="first")
    world.put("sources", "desk", kind="helpdesk", secret="second", keep_previous_hours=hours)
    assert world.secrets.kept["sources/desk"].live("secret", NOW + timedelta(minutes=45)) == live


def test_saying_the_same_new_secret_again_does_not_bring_the_old_one_back(world: World) -> None:
    for secret in ("first", "second", "second"):
        world.put("sources", "desk", kind="helpdesk", secret=secret)
        world.clock.advance(hours=1)
    assert world.secrets.kept["sources/desk"].live("secret", NOW + timedelta(hours=2)) == ["second", "first"]
    assert world.secrets.kept["sources/desk"].previous_until == NOW + timedelta(hours=25)


def test_the_old_secret_can_be_ended_early(world: World) -> None:
    world.put("sources", "desk", kind="helpdesk", secret="first")
    world.put("sources", "desk", kind="helpdesk", secret="second")
    world.put("sources", "desk", kind="helpdesk", keep_previous_hours=0)
    assert world.secrets.kept["sources/desk"].live("secret", NOW) == ["second"]


def test_the_old_secret_cannot_be_kept_longer_than_was_said_when_it_was_replaced(world: World) -> None:
    world.put("sources", "desk", kind="helpdesk", secret="first")
    world.put("sources", "desk", kind="helpdesk", secret="second", keep_previous_hours=1)
    world.put("sources", "desk", kind="helpdesk", keep_previous_hours=700)
    assert world.secrets.kept["sources/desk"].previous_until == NOW + timedelta(hours=1)


def test_nothing_is_written_to_the_secret_store_where_nothing_changes(world: World) -> None:
    world.put("surveys", "support", **SURVEY)
    world.put("sources", "desk", kind="helpdesk", secret="first")
    before = dict(world.secrets.kept)
    assert set(before) == {"sources/desk"}
    world.put("sources", "desk", kind="helpdesk", survey="support")
    assert world.secrets.kept["sources/desk"] is before["sources/desk"]


@pytest.mark.parametrize("hours", [-1, 721, "1", True, None])
def test_a_time_that_is_none_is_refused(world: World, hours: Any) -> None:
    assert "keep_previous_hours" in world.refusal("sources", "desk", kind="helpdesk", secret="first", keep_previous_hours=hours)


def test_a_sinks_old_secret_goes_at_once_since_only_we_use_it(world: World) -> None:
    for secret in ("first", "second"):
        world.put("sinks", "crm", kind="http", request={"url": "https://example.com/"}, secret=secret)
    assert world.secrets.kept["sinks/crm"].previous == {}
    assert "keep_previous_hours" in world.refusal(
        "sinks", "crm", kind="http", request={"url": "https://example.com/"}, keep_previous_hours=1
    )


def test_an_address_that_must_not_be_called_is_refused_with_its_path(world: World) -> None:
    assert world.refusal("sinks", "crm", kind="http", request={"url": "https://metadata.internal/"}) == {
        "request.url": "leads to a place that must not be called"
    }
    assert "base_url" in world.refusal("channels", "chat", kind="chat", credentials={}, base_url="https://metadata.internal/")
    assert world.configs.all("sinks") == []
    assert not world.secrets.kept


def test_an_unknown_kind_is_refused_naming_those_there_are(world: World) -> None:
    for kind in ("pigeon", None, 5, ["helpdesk"]):
        assert world.refusal("sources", "desk", kind=kind) == {"kind": "must be one of helpdesk"}


def test_a_survey_that_is_not_there_yet_is_a_warning(world: World) -> None:
    warned = world.put("sources", "desk", kind="helpdesk", secret="first", survey="support")
    assert warned["warnings"] == ["there is no survey support yet"]
    assert world.put("sinks", "crm", kind="http", request={"url": "https://example.com/"}, surveys=["support"])["warnings"]
    world.put("surveys", "support", **SURVEY)
    assert "warnings" not in world.put("sources", "desk", **warned)


@pytest.mark.parametrize("config_id", ["Desk", "-desk", "", "a" * 41, "a b", "../desk", "dësk"])
def test_an_id_that_could_not_be_used_everywhere_is_refused(world: World, config_id: str) -> None:
    assert "id" in world.refusal("surveys", config_id, **SURVEY)
    with pytest.raises(NotFound):
        world.configure.show("surveys", config_id)
    with pytest.raises(NotFound):
        world.configure.delete("surveys", config_id)


def test_no_source_may_pretend_to_be_a_send_by_hand(world: World) -> None:
    assert "id" in world.refusal("sources", "manual", kind="helpdesk", secret="first")


def test_the_id_in_a_body_must_be_the_one_in_the_path(world: World) -> None:
    assert "id" in world.refusal("surveys", "support", **SURVEY, id="sales")


def test_deleting_takes_body_and_secret_and_says_when_there_was_none(world: World) -> None:
    world.put("sources", "desk", kind="helpdesk", secret="first")
    world.configure.delete("sources", "desk")
    assert not world.secrets.kept
    with pytest.raises(NotFound):
        world.configure.show("sources", "desk")
    with pytest.raises(NotFound):
        world.configure.delete("sources", "desk")


def test_deleting_again_finishes_a_deletion_that_broke_off(world: World) -> None:
    world.put("sources", "desk", kind="helpdesk", secret="first")
    world.configs.delete("sources", "desk")
    with pytest.raises(NotFound):
        world.configure.delete("sources", "desk")
    assert not world.secrets.kept


def test_a_list_is_sorted_and_comes_in_pages(world: World) -> None:
    for config_id in ("c", "a", "b"):
        world.put("surveys", config_id, **SURVEY)
    first = world.configure.page("surveys", limit=2)
    assert ([each["id"] for each in first["items"]], first["next"]) == (["a", "b"], "b")
    rest = world.configure.page("surveys", after="b", limit=2)
    assert ([each["id"] for each in rest["items"]], rest["next"]) == (["c"], None)


def test_secrets_too_large_for_the_store_are_refused_without_being_shown(world: World) -> None:
    told = world.refusal("sources", "desk", kind="helpdesk", secret="x" * 4000)
    assert set(told) == {"secret"}
    assert "xxx" not in str(told)


def test_another_kind_does_not_inherit_the_secrets_of_the_one_before() -> None:
    rules = AdminRules(
        {
            "sources": Family(
                {"helpdesk": HelpdeskSettings, "chat": ChatSettings}, {"helpdesk": ("secret", "api_token"), "chat": ("access_token",)}
            )
        },
        lambda _: None,
    )
    secrets = MemorySecrets()
    configure = Configure(MemoryConfigs(), secrets, rules, only_example_com, FixedClock(NOW))
    configure.put("sources", "desk", {"kind": "helpdesk", "secret": "first"})
    configure.put("sources", "desk", {"kind": "chat", "credentials": {"access_token": "other"}})
    assert secrets.kept["sources/desk"].values == {"access_token": "other"}
