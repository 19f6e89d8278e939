"""What every crew promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from moto import mock_aws

from hearback.adapters.aws.states import StateMachineCrew
from hearback.domain.errors import Misconfigured
from hearback.ports import Crew, HandOver
from tests.contract.conftest import moto_client
from tests.fakes import RecordingCrew

TASK = HandOver("support", date(2026, 3, 9), "support-2026-03-09-0123456789abcdef", 3, ("000", "001"))
DEFINITION = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}


@pytest.fixture(params=["fake", "moto"])
def made(request: pytest.FixtureRequest) -> Iterator[tuple[Crew, Callable[[], list[str]]]]:
    if request.param == "fake":
        fake = RecordingCrew()
        yield fake, lambda: [task.run for task in fake.begun]
        return
    with mock_aws():
        client = moto_client("stepfunctions")
        role = "arn:aws:iam::123456789012:role/machine"
        machine = client.create_state_machine(name="day-counting", definition=json.dumps(DEFINITION), roleArn=role)["stateMachineArn"]
        yield (
            StateMachineCrew(client, machine),
            lambda: [each["name"] for each in client.list_executions(stateMachineArn=machine)["executions"]],
        )


def test_a_day_is_handed_over_once_however_often_it_is_asked_for(made: tuple[Crew, Callable[[], list[str]]]) -> None:
    crew, begun = made
    crew.begin(TASK)
    crew.begin(TASK)
    assert begun() == [TASK.run]
    crew.begin(replace(TASK, run="support-2026-03-09-fedcba9876543210"))
    assert len(begun()) == 2


def test_the_machine_is_told_what_each_part_needs(aws: None) -> None:
    client = moto_client("stepfunctions")
    role = "arn:aws:iam::123456789012:role/machine"
    machine = client.create_state_machine(name="day-counting", definition=json.dumps(DEFINITION), roleArn=role)["stateMachineArn"]
    StateMachineCrew(client, machine).begin(TASK)
    (execution,) = client.list_executions(stateMachineArn=machine)["executions"]
    told: dict[str, Any] = json.loads(client.describe_execution(executionArn=execution["executionArn"])["input"])
    assert told == {"survey": "support", "day": "2026-03-09", "run": TASK.run, "version": 3, "parts": ["000", "001"]}


def test_a_machine_that_is_not_there_is_the_operators_to_mend(aws: None) -> None:
    with pytest.raises(Misconfigured, match="StateMachineDoesNotExist"):
        StateMachineCrew(moto_client("stepfunctions"), "arn:aws:states:eu-central-1:123456789012:stateMachine:none").begin(TASK)
