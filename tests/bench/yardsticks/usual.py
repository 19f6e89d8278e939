"""The usual way, as guides show it: boto3 and Powertools with validation, tracer and idempotency."""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
from pydantic import BaseModel, Field

app = APIGatewayHttpResolver(enable_validation=True)
logger, tracer, metrics = Logger(), Tracer(), Metrics(namespace="bench")
table = boto3.resource("dynamodb").Table(os.environ["FLOOR_TABLE"])
idempotency = IdempotencyConfig(event_key_jmespath="id", use_local_cache=True)
persistence = DynamoDBPersistenceLayer(table_name=os.environ["FLOOR_TABLE"])


class Answer(BaseModel):
    id: str = Field(min_length=1)
    rating: int = Field(ge=1, le=5)
    comment: str = ""


class Kept(BaseModel):
    status: str


@idempotent_function(data_keyword_argument="answer", persistence_store=persistence, config=idempotency)  # type: ignore[untyped-decorator]
def keep(answer: dict[str, Any]) -> dict[str, Any]:
    table.update_item(
        Key={"pk": answer["id"], "sk": "STORY"},
        UpdateExpression="SET rating = :rating",
        ExpressionAttributeValues={":rating": answer["rating"]},
    )
    return {"status": "recorded"}


@app.post("/answers")
@tracer.capture_method
def take(answer: Answer) -> Kept:
    logger.info("answer", extra={"id": answer.id})
    return Kept(**keep(answer=answer.model_dump()))


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: Any, context: Any) -> Any:
    idempotency.register_lambda_context(context)
    return app.resolve(event, context)
