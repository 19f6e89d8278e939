"""The environment as one typed value. No other module of the package reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from hearback.domain.errors import Misconfigured


def inside_lambda() -> bool:
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


@dataclass(frozen=True, slots=True)
class Environment:
    """What template.yaml gives a function. A name that this function was not given is empty."""

    table: str
    bucket: str
    dispatch_queue: str
    forward_queue: str
    forward_dlq: str
    import_queue: str
    erasure_queue: str
    day_machine: str
    large_day: int
    retention_days: int
    secrets_prefix: str
    public_url: str
    email_from: str
    timezone: str
    config_cache_seconds: float
    too_soon_seconds: float
    local_vendors_url: str
    local_clock_file: str
    aws_endpoint_url: str

    @staticmethod
    def read(env: Mapping[str, str] | None = None) -> Environment:
        held = os.environ if env is None else env

        def text(name: str, default: str = "") -> str:
            return held.get(f"HEARBACK_{name}", default) or default

        def seconds(name: str, default: str) -> float:
            try:
                return float(text(name, default))
            except ValueError as error:
                raise Misconfigured(f"HEARBACK_{name} is not a number") from error

        return Environment(
            table=text("TABLE"),
            bucket=text("BUCKET"),
            dispatch_queue=text("DISPATCH_QUEUE_URL"),
            forward_queue=text("FORWARD_QUEUE_URL"),
            forward_dlq=text("FORWARD_DLQ_URL"),
            import_queue=text("IMPORT_QUEUE_URL"),
            erasure_queue=text("ERASURE_QUEUE_URL"),
            day_machine=text("DAY_MACHINE"),
            large_day=int(seconds("LARGE_DAY", "5000000")),
            retention_days=int(seconds("RETENTION_DAYS", "0")),
            secrets_prefix=text("SECRETS_PREFIX", "/hearback"),
            public_url=text("PUBLIC_URL").rstrip("/"),
            email_from=text("EMAIL_FROM"),
            timezone=text("TIMEZONE", "UTC"),
            config_cache_seconds=seconds("CONFIG_CACHE_SECONDS", "30"),
            too_soon_seconds=seconds("TOO_SOON_SECONDS", "0"),
            local_vendors_url=text("LOCAL_VENDORS_URL").rstrip("/"),
            local_clock_file=text("LOCAL_CLOCK_FILE"),
            aws_endpoint_url=text("AWS_ENDPOINT_URL"),
        )
