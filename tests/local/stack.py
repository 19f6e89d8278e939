"""The deployed stack seen from outside: its functions, queues, table and bucket, and the routes of its API."""

from __future__ import annotations

import json
import re
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local.settings import CREDENTIALS, REGION, STACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_FUNCTION_SECONDS = 900
DOORBELL = "wake-the-engine"
ANY_METHOD = "x-amazon-apigateway-any-method"


class UnknownFunctionError(Exception):
    pass


class QueryFailedError(Exception):
    pass


class Stack:
    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._session = boto3.Session(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            config = Config(read_timeout=LONGEST_FUNCTION_SECONDS, retries={"total_max_attempts": 1}, max_pool_connections=50)
            self._clients[service] = self._session.client(service, endpoint_url=self.endpoint, config=config)  # type: ignore[call-overload]
        return self._clients[service]

    def exists(self) -> bool:
        try:
            found = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        except ClientError:
            return False
        return bool(found and found[0]["StackStatus"].endswith("_COMPLETE"))

    @cached_property
    def physical_ids(self) -> dict[str, str]:
        """A resource's name in the template to what it is called in AWS."""
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in self._resources}

    @cached_property
    def _resources(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        return found

    @property
    def api_path(self) -> str:
        """What the engine wants before a path of the API."""
        return f"/_aws/execute-api/{self.physical_ids['HttpApi']}/$default"

    def invoke(self, name: str, event: Any) -> tuple[bool, Any]:
        """Run a function by its folder's name; (whether it succeeded, what it answered)."""
        logical = "".join(word.capitalize() for word in re.split("[-_]", name)) if name == name.lower() else name
        if logical not in self.physical_ids:
            raise UnknownFunctionError(name)
        answer = self.client("lambda").invoke(FunctionName=self.physical_ids[logical], Payload=json.dumps(event).encode())
        payload = answer["Payload"].read()
        return "FunctionError" not in answer, json.loads(payload) if payload else None

    def environment(self) -> dict[str, str]:
        """Every variable that any function has."""
        names = [each["PhysicalResourceId"] for each in self._resources if each["ResourceType"] == "AWS::Lambda::Function"]
        configurations = [self.client("lambda").get_function_configuration(FunctionName=name) for name in names]
        return {name: value for each in configurations for name, value in each["Environment"]["Variables"].items()}

    def messages_in(self, queue: str) -> int:
        """How many messages are visible, delayed or being worked on."""
        names = ["", "NotVisible", "Delayed"]
        wanted = [f"ApproximateNumberOfMessages{name}" for name in names]
        answer = self.client("sqs").get_queue_attributes(QueueUrl=self.physical_ids[queue], AttributeNames=wanted)
        return sum(int(answer["Attributes"][name]) for name in wanted)

    def give_out_again_after(self, seconds: dict[str, int]) -> dict[str, int]:
        """How soon a queue gives out again a message whose function died, in real time, which no moving of the clock shortens;
        returns what it was before.
        """
        sqs, name = self.client("sqs"), "VisibilityTimeout"
        before = {}
        for queue, wanted in seconds.items():
            url = self.physical_ids[queue]
            before[queue] = int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])
            sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(wanted)})
        return before

    def due_index(self) -> Iterator[dict[str, str]]:
        """Everything that has something to do: pk, sk, due_pk, due_sk. The index is sparse, so reading all of it is cheap."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=self.physical_ids["Table"], IndexName="due")
        for page in pages:
            yield from ({name: value["S"] for name, value in item.items()} for item in page["Items"])

    def objects(self, prefix: str = "") -> list[dict[str, Any]]:
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.physical_ids["Bucket"], Prefix=prefix)
        return [
            {"key": found["Key"], "size": found["Size"], "modified": found["LastModified"].isoformat()}
            for page in pages
            for found in page.get("Contents", [])
        ]

    def get_object(self, key: str) -> tuple[str, bytes] | None:
        """(content type, bytes), or None when there is no such object."""
        s3 = self.client("s3")
        try:
            found = s3.get_object(Bucket=self.physical_ids["Bucket"], Key=key)
        except s3.exceptions.NoSuchKey:
            return None
        return found["ContentType"], found["Body"].read()

    def put_object(self, key: str, body: bytes, content_type: str) -> None:
        self.client("s3").put_object(Bucket=self.physical_ids["Bucket"], Key=key, Body=body, ContentType=content_type)

    def query(self, sql: str) -> list[dict[str, str | None]]:
        """What Athena answers, by column."""
        athena = self.client("athena")
        where = {"Database": self.physical_ids["LakeDatabase"]}
        begun = athena.start_query_execution(QueryString=sql, QueryExecutionContext=where, WorkGroup=self.physical_ids["LakeWorkGroup"])
        state: dict[str, Any] = {"State": "QUEUED"}
        while state["State"] in {"QUEUED", "RUNNING"}:
            time.sleep(0.05)
            state = athena.get_query_execution(QueryExecutionId=begun["QueryExecutionId"])["QueryExecution"]["Status"]
        if state["State"] != "SUCCEEDED":
            raise QueryFailedError(state.get("StateChangeReason", state["State"]))
        head, *rows = athena.get_query_results(QueryExecutionId=begun["QueryExecutionId"])["ResultSet"]["Rows"]
        names = [each["VarCharValue"] for each in head["Data"]]
        return [dict(zip(names, (each.get("VarCharValue") for each in row["Data"]), strict=True)) for row in rows]

    def running_machines(self) -> int:
        """How many large days are being counted."""
        machine = self.physical_ids["DayCounting"]
        return len(self.client("stepfunctions").list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"])

    def waiting_for_fanout(self, stories: Iterable[str]) -> list[str]:
        """Those stories with an answer that nobody has tried to forward: the table's stream is still to wake its forwards."""
        dynamodb = self.client("dynamodb")
        waiting = []
        for pk in stories:
            key = {"pk": {"S": pk}, "sk": {"S": "STORY"}}
            item = dynamodb.get_item(TableName=self.physical_ids["Table"], Key=key, ConsistentRead=True).get("Item", {})
            if "erased_at" in item:  # its forwards are notices, which wait and are the sweeper's alone
                continue
            forwards = [json.loads(each["S"]) for each in item.get("forwards", {}).get("M", {}).values()]
            if any(each["state"] == "pending" and not each.get("attempts") for each in forwards):
                waiting.append(pk)
        return waiting

    def prepare_wake(self) -> None:
        """MiniStack looks at queues and table streams once a second, and at once when a Kinesis stream gets a record."""
        kinesis = self.client("kinesis")
        if DOORBELL not in kinesis.list_streams()["StreamNames"]:
            kinesis.create_stream(StreamName=DOORBELL, ShardCount=1)

    def wake(self) -> None:
        self.client("kinesis").put_record(StreamName=DOORBELL, Data=b"-", PartitionKey="-")

    def allow_batches(self) -> None:
        """Let a role that may send messages send them in batches: in AWS that is one right, MiniStack asks for another."""
        iam = self.client("iam")
        for logical, role in self.physical_ids.items():
            if not logical.endswith("Role"):
                continue
            policy = iam.get_role_policy(RoleName=role, PolicyName="least")["PolicyDocument"]
            sends = [each for each in policy["Statement"] if "sqs:SendMessage" in each["Action"]]
            if sends:
                batches = {**policy, "Statement": [{**each, "Action": ["sqs:SendMessageBatch"]} for each in sends]}
                iam.put_role_policy(RoleName=role, PolicyName="batches", PolicyDocument=json.dumps(batches))

    def allow_plain_http(self) -> None:
        """The bucket's policy refuses whoever comes without TLS; on 127.0.0.1 everybody does."""
        self.client("s3").delete_bucket_policy(Bucket=self.physical_ids["Bucket"])

    def make_routes(self) -> None:
        """Give the API its routes: MiniStack ignores the OpenAPI body in which SAM declares them."""
        api, gateway = self.physical_ids["HttpApi"], self.client("apigatewayv2")
        wanted = dict(self._declared_routes())
        present = {route["RouteKey"]: route["RouteId"] for route in gateway.get_routes(ApiId=api)["Items"]}
        for key in present.keys() - wanted.keys():
            gateway.delete_route(ApiId=api, RouteId=present[key])
        for key in wanted.keys() - present.keys():
            function, auth = wanted[key]
            integration = gateway.create_integration(
                ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=self._function_arn(function), PayloadFormatVersion="2.0"
            )
            gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{integration['IntegrationId']}", AuthorizationType=auth)

    def _declared_routes(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """(route key, (function, kind of authorisation)) of the expanded template."""
        answer = self.client("cloudformation").get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
        template = json.loads(answer) if isinstance(answer, str) else answer
        for path, methods in template["Resources"]["HttpApi"]["Properties"]["Body"]["paths"].items():
            for method, operation in methods.items():
                uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
                function = re.findall(r"\$\{(\w+)\.Arn\}", uri)[0]
                auth = "AWS_IAM" if operation.get("security") else "NONE"
                yield f"{'ANY' if method == ANY_METHOD else method.upper()} {path}", (function, auth)

    def _function_arn(self, logical: str) -> str:
        answer: str = self.client("lambda").get_function(FunctionName=self.physical_ids[logical])["Configuration"]["FunctionArn"]
        return answer
