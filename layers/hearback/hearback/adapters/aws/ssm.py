"""Secrets as SecureString parameters under one prefix, JSON {"values", "previous", "previous_until"}.

Intelligent tiering: up to 4 KB is free of charge, a rotated service-account key may take up to 8 KB.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hearback.adapters.aws.errors import code_of, translated
from hearback.domain.calendar import instant, stamp
from hearback.ports import Clock, Secret

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

LONGEST_CACHE = 60.0


class SsmSecrets:
    """Remembers what it read for `seconds`, at most a minute: GetParameter allows 40 calls a second for all functions
    together. What is not there is asked for every time.
    """

    def __init__(self, client: SSMClient, prefix: str, clock: Clock, seconds: float = LONGEST_CACHE) -> None:
        self._client = client
        self._prefix = prefix
        self._clock = clock
        self._kept_for = timedelta(seconds=min(seconds, LONGEST_CACHE))
        self._kept: dict[str, tuple[datetime, Secret]] = {}

    def get(self, name: str) -> Secret | None:
        kept = self._kept.get(name)
        if kept and timedelta(0) <= self._clock.now() - kept[0] < self._kept_for:
            return kept[1]
        return self._read(name)

    def put(self, name: str, secret: Secret) -> None:
        self._kept.pop(name, None)
        self._write(name, secret, overwrite=True)

    def create(self, name: str, secret: Secret) -> Secret:
        """The parameter store lets one of two racing creations pass; the other reads what that one wrote."""
        try:
            self._write(name, secret, overwrite=False)
        except ClientError as error:
            if code_of(error) != "ParameterAlreadyExists":
                raise
        return self._read(name) or secret

    def delete(self, name: str) -> None:
        self._kept.pop(name, None)
        try:
            with translated():
                self._client.delete_parameter(Name=self._path(name))
        except ClientError as error:
            if code_of(error) != "ParameterNotFound":
                raise

    def _read(self, name: str) -> Secret | None:
        try:
            with translated():
                found = self._client.get_parameter(Name=self._path(name), WithDecryption=True)
        except ClientError as error:
            if code_of(error) != "ParameterNotFound":
                raise
            self._kept.pop(name, None)
            return None
        secret = _from_plain(json.loads(found["Parameter"]["Value"]))
        self._kept[name] = (self._clock.now(), secret)
        return secret

    def _write(self, name: str, secret: Secret, *, overwrite: bool) -> None:
        with translated():
            self._client.put_parameter(
                Name=self._path(name),
                Value=json.dumps(_to_plain(secret)),
                Type="SecureString",
                Tier="Intelligent-Tiering",
                Overwrite=overwrite,
            )

    def _path(self, name: str) -> str:
        return f"{self._prefix}/{name}"


def _to_plain(secret: Secret) -> dict[str, Any]:
    until = secret.previous_until
    return {
        "values": dict(secret.values),
        "previous": dict(secret.previous),
        "previous_until": stamp(until) if until else None,
    }


def _from_plain(plain: dict[str, Any]) -> Secret:
    until = plain.get("previous_until")
    return Secret(plain.get("values", {}), plain.get("previous", {}), instant(until) if until else None)
