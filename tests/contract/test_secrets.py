"""What every keeper of secrets promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from moto import mock_aws

from hearback.adapters.aws.ssm import SsmSecrets
from hearback.domain.errors import Unavailable
from hearback.ports import Secret, Secrets
from tests.builders import NOW
from tests.contract.conftest import moto_client
from tests.contract.faults import wire
from tests.fakes import FixedClock, MemorySecrets

PREFIX = "/hearback"
ROTATED = Secret({"secret": ["new", "newer"], "token": "t"}, {"secret": "old"}, NOW + timedelta(days=1))


def parameters(clock: FixedClock, seconds: float = 60.0) -> SsmSecrets:
    return SsmSecrets(moto_client("ssm"), PREFIX, clock, seconds)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(params=["fake", "moto"])
def secrets(request: pytest.FixtureRequest, clock: FixedClock) -> Iterator[Secrets]:
    if request.param == "fake":
        yield MemorySecrets()
    else:
        with mock_aws():
            yield parameters(clock)


def test_a_secret_comes_back_whole_with_what_it_replaced(secrets: Secrets) -> None:
    secrets.put("sources/zendesk", ROTATED)
    found = secrets.get("sources/zendesk")
    assert found == ROTATED
    assert found.live("secret", NOW) == ["new", "newer", "old"]
    assert found.live("secret", NOW + timedelta(days=1)) == ["new", "newer"]


def test_a_secret_nobody_has_put_is_not_there(secrets: Secrets) -> None:
    assert secrets.get("sources/nobody") is None


def test_the_last_put_is_what_is_read(secrets: Secrets) -> None:
    secrets.put("sinks/crm", Secret({"secret": "1"}))
    assert secrets.get("sinks/crm") == Secret({"secret": "1"})
    secrets.put("sinks/crm", Secret({"secret": "2"}))
    assert secrets.get("sinks/crm") == Secret({"secret": "2"})


def test_creating_keeps_what_is_there_and_answers_it(secrets: Secrets) -> None:
    assert secrets.create("links/keys", Secret({"secret": "first"})) == Secret({"secret": "first"})
    assert secrets.create("links/keys", Secret({"secret": "second"})) == Secret({"secret": "first"})
    assert secrets.get("links/keys") == Secret({"secret": "first"})


def test_a_deleted_secret_is_gone_and_deleting_it_again_is_no_error(secrets: Secrets) -> None:
    secrets.put("sinks/crm", Secret({"secret": "1"}))
    secrets.get("sinks/crm")
    secrets.delete("sinks/crm")
    secrets.delete("sinks/crm")
    assert secrets.get("sinks/crm") is None


# --- the parameter store alone ------------------------------------------------------------------------------------------------


def stored(name: str) -> Any:
    return moto_client("ssm").describe_parameters(Filters=[{"Key": "Name", "Values": [f"{PREFIX}/{name}"]}])["Parameters"][0]


def test_values_are_stored_encrypted_under_the_stack_s_prefix(aws: None, clock: FixedClock) -> None:
    parameters(clock).put("sources/zendesk", ROTATED)
    assert stored("sources/zendesk")["Type"] == "SecureString"
    assert stored("sources/zendesk")["Tier"] == "Intelligent-Tiering"


def test_a_value_is_remembered_for_a_minute_at_most(aws: None, clock: FixedClock) -> None:
    secrets, elsewhere = parameters(clock, 3600), parameters(clock)
    secrets.put("sinks/crm", Secret({"secret": "1"}))
    assert secrets.get("sinks/crm") == Secret({"secret": "1"})
    elsewhere.put("sinks/crm", Secret({"secret": "2"}))
    clock.advance(seconds=59)
    assert secrets.get("sinks/crm") == Secret({"secret": "1"})
    clock.advance(seconds=1)
    assert secrets.get("sinks/crm") == Secret({"secret": "2"})


def test_a_value_read_before_the_clock_was_set_back_is_read_again(aws: None, clock: FixedClock) -> None:
    secrets, elsewhere = parameters(clock), parameters(clock)
    secrets.put("sinks/crm", Secret({"secret": "old"}))
    secrets.get("sinks/crm")
    elsewhere.put("sinks/crm", Secret({"secret": "new"}))
    clock.advance(days=-3)
    assert secrets.get("sinks/crm") == Secret({"secret": "new"})


def test_absence_is_not_remembered(aws: None, clock: FixedClock) -> None:
    secrets = parameters(clock)
    assert secrets.get("sinks/crm") is None
    parameters(clock).put("sinks/crm", Secret({"secret": "1"}))
    assert secrets.get("sinks/crm") == Secret({"secret": "1"})


def test_one_read_serves_many(aws: None, clock: FixedClock) -> None:
    secrets = parameters(clock)
    secrets.put("sinks/crm", Secret({"secret": "1"}))
    with wire(moto_client("ssm"), "ssm") as tapped:
        for _ in range(3):
            secrets.get("sinks/crm")
    assert tapped.calls == ["GetParameter"]


def test_of_two_racing_creations_both_get_the_one_that_was_stored(aws: None, clock: FixedClock) -> None:
    ours, theirs = parameters(clock), parameters(clock)
    with wire(moto_client("ssm"), "ssm", lose={0: "reply"}, between=lambda: theirs.create("links/keys", Secret({"s": "theirs"}))):
        assert ours.create("links/keys", Secret({"s": "ours"})) == Secret({"s": "ours"})
    assert theirs.get("links/keys") == Secret({"s": "ours"})


def test_a_store_that_cannot_be_reached_is_unavailable_and_never_an_absent_secret(aws: None, clock: FixedClock) -> None:
    impatient = moto_client("ssm", retries=0)
    with wire(impatient, "ssm", lose={0: "request"}), pytest.raises(Unavailable):
        SsmSecrets(impatient, PREFIX, clock).get("sources/zendesk")
