"""A Step Functions state machine as crew: a Distributed Map over the day's parts, then the night again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hearback.adapters.aws.errors import code_of, translated
from hearback.ports import HandOver

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StateMachineCrew:
    def __init__(self, client: SFNClient, machine: str) -> None:
        self._client, self._machine = client, machine

    def begin(self, task: HandOver) -> None:
        """Names of executions are unique for 90 days: the same run begins once, however often the night is repeated."""
        plain = {"survey": task.survey, "day": task.day.isoformat(), "run": task.run, "version": task.version, "parts": list(task.parts)}
        try:
            with translated():
                self._client.start_execution(stateMachineArn=self._machine, name=task.run, input=json.dumps(plain, sort_keys=True))
        except ClientError as error:
            if code_of(error) != "ExecutionAlreadyExists":
                raise
