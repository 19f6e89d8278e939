"""Whose move it is after an AWS call has failed."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from hearback.adapters.aws.errors import translated
from hearback.domain.errors import HearbackError, Misconfigured, Unavailable


def refused(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "ada@example.com"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "UpdateItem",
    )


def outcome(error: Exception) -> Exception:
    with pytest.raises((type(error), HearbackError)) as caught, translated():
        raise error
    return caught.value


@pytest.mark.parametrize(
    "error",
    [
        refused("ThrottlingException"),
        refused("ProvisionedThroughputExceededException"),
        refused("RequestLimitExceeded"),
        refused("SlowDown", 503),
        refused("SomethingNew", 500),
        refused("SomethingNew", 429),
        ReadTimeoutError(endpoint_url="https://dynamodb.example"),
        ConnectTimeoutError(endpoint_url="https://dynamodb.example"),
        EndpointConnectionError(endpoint_url="https://dynamodb.example"),
        ResponseStreamingError(error="cut"),
    ],
)
def test_weather_passes(error: Exception) -> None:
    assert isinstance(outcome(error), Unavailable)


@pytest.mark.parametrize(
    "error",
    [
        refused("AccessDeniedException"),
        refused("AccessDenied", 403),
        refused("ResourceNotFoundException"),
        refused("ExpiredTokenException"),
        refused("NoSuchBucket", 404),
        refused("403", 403),
        NoCredentialsError(),
    ],
)
def test_rights_and_resources_are_the_operator_s(error: Exception) -> None:
    assert isinstance(outcome(error), Misconfigured)


@pytest.mark.parametrize(
    "error",
    [
        refused("ValidationException"),
        refused("ConditionalCheckFailedException"),
        refused("ParameterNotFound"),
        ParamValidationError(report="x"),
    ],
)
def test_what_a_caller_may_handle_or_has_done_wrong_passes_untouched(error: Exception) -> None:
    assert outcome(error) is error


@pytest.mark.parametrize(
    "error", [refused("ThrottlingException"), refused("AccessDenied"), ReadTimeoutError(endpoint_url="https://x/secret")]
)
def test_nothing_that_aws_quotes_gets_into_our_message_and_the_cause_stays(error: ClientError | BotoCoreError) -> None:
    translated_error = outcome(error)
    assert "ada" not in str(translated_error)
    assert "secret" not in str(translated_error)
    assert translated_error.__cause__ is error
