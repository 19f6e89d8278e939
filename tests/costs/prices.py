"""What AWS charges: list prices in US dollars for us-east-1, first tier, no free tier, at the date below.

DynamoDB's as published in July 2025, API Gateway's in December 2025, Lambda's in May 2026; the others as generally known. They
were not compared with aws.amazon.com/{service}/pricing since: do that before you rely on them. Other regions cost up to half more.
"""

from __future__ import annotations

AS_OF = "July 2025 to May 2026"

PER_MILLION = {
    "write units": 0.625,  # DynamoDB, on demand, standard table class
    "read units": 0.125,
    "HTTP requests": 1.00,  # API Gateway, HTTP API
    "invocations": 0.20,  # Lambda
    "GB-seconds": 13.3334,  # Lambda on arm64: $0.0000133334 each
    "queue requests": 0.40,  # SQS, standard queues
    "log bytes": 0.0005,  # CloudWatch Logs, $0.50 per GB taken in
    "S3 writes": 5.00,
    "S3 reads": 0.40,
    "schedules": 1.00,  # EventBridge Scheduler, invocations
}
"""Dollars per million of each."""

MAIL_PER_MILLION = 100.0
"""SES, a million mails: on top of everything here, and more than all of it."""


def dollars_per_million(counts: dict[str, float]) -> dict[str, float]:
    """What a million surveys cost that take `counts` each."""
    return {name: PER_MILLION[name] * count for name, count in counts.items()}
