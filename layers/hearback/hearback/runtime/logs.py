"""Structured logs through Powertools. Nothing personal is ever passed to them: ids, codes and counts only."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger


@cache
def log() -> Logger:
    """One logger a process; service and level come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL."""
    return Logger()


def begin(context: Any) -> None:
    """Tie what is logged from here on to one invocation."""
    log().append_keys(request_id=getattr(context, "aws_request_id", ""))
