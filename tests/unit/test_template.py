"""Promises of the stack, read off the expanded template: what CloudFormation gets, with everything that SAM adds."""

from __future__ import annotations

import json
import re
from typing import Any

from hearback.adapters.lake.columns import NAMES
from hearback.adapters.lake.parquet import ROOT as ROOT_OF_LAKE
from tests.stack_template import FUNCTIONS, as_list, expanded, logical, name_of, of_type, statements

FOURTEEN_DAYS = 14 * 24 * 3600
KNOW_NO_RESOURCE = {
    f"logs:{action}"
    for action in (
        *("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"),
        *("PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"),
    )
}
"""Rights that AWS gives for everything or not at all: a state machine needs them to log."""
ASYNCHRONOUS = ("DueSweeper", "Erasure", "NightlyScoring")


def queue_mappings() -> dict[str, dict[str, Any]]:
    return {
        name: mapping
        for name, mapping in of_type("AWS::Lambda::EventSourceMapping").items()
        if name_of(mapping["EventSourceArn"]) in of_type("AWS::SQS::Queue")
    }


def test_every_folder_of_functions_is_a_function_and_every_function_a_folder() -> None:
    assert sorted(of_type("AWS::Lambda::Function")) == sorted(map(logical, FUNCTIONS))


def test_every_function_has_a_role_of_its_own() -> None:
    roles = {name: name_of(function["Role"]) for name, function in of_type("AWS::Lambda::Function").items()}
    assert roles == {name: f"{name}Role" for name in roles}


def test_only_the_night_carries_the_packages_of_the_night() -> None:
    heavy = [
        name
        for name, function in of_type("AWS::Lambda::Function").items()
        if any(name_of(layer).startswith("Analysis") for layer in function["Layers"])
    ]
    assert heavy == ["NightlyScoring", "PartCounting"]


def test_no_role_may_do_everything_or_touch_everything() -> None:
    for name, role in of_type("AWS::IAM::Role").items():
        assert not role.get("ManagedPolicyArns"), name
        for statement in statements(role):
            for action in as_list(statement["Action"]):
                assert re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action), f"{name}: {action}"
            if not set(as_list(statement["Action"])) <= KNOW_NO_RESOURCE:
                assert "*" not in as_list(statement["Resource"]), name


def test_a_role_writes_to_its_own_log_only() -> None:
    for name in of_type("AWS::Lambda::Function"):
        for statement in statements(of_type("AWS::IAM::Role")[f"{name}Role"]):
            if any(action.startswith("logs:") for action in as_list(statement["Action"])):
                assert name_of(statement["Resource"]) == f"{name}Logs"


def test_the_schedules_may_be_assumed_for_this_account_alone() -> None:
    trust = of_type("AWS::IAM::Role")["SchedulerRole"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_every_function_logs_to_a_group_that_forgets() -> None:
    groups = of_type("AWS::Logs::LogGroup")
    for name, function in of_type("AWS::Lambda::Function").items():
        assert name_of(function["LoggingConfig"]["LogGroup"]) == f"{name}Logs"
    assert all("RetentionInDays" in group for group in groups.values())


def test_every_function_chooses_its_memory_and_timeout() -> None:
    for name, function in of_type("AWS::Lambda::Function").items():
        assert {"MemorySize", "Timeout", "Description"} <= function.keys(), name


def test_a_function_behind_the_api_ends_before_the_api_gives_up() -> None:
    for permission in of_type("AWS::Lambda::Permission").values():
        if permission["Principal"] == "apigateway.amazonaws.com":
            assert of_type("AWS::Lambda::Function")[name_of(permission["FunctionName"])]["Timeout"] < 30


def test_no_secret_stands_in_the_environment() -> None:
    for name, function in of_type("AWS::Lambda::Function").items():
        for variable, value in function["Environment"]["Variables"].items():
            if re.search("SECRET|TOKEN|PASSWORD|KEY|CREDENTIAL", variable):
                assert (variable, value) == ("HEARBACK_SECRETS_PREFIX", {"Fn::Sub": "/${AWS::StackName}"}), name


def test_a_message_is_handed_out_again_only_when_its_worker_cannot_still_be_at_it() -> None:
    for mapping in queue_mappings().values():
        queue = of_type("AWS::SQS::Queue")[name_of(mapping["EventSourceArn"])]
        function = of_type("AWS::Lambda::Function")[name_of(mapping["FunctionName"])]
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"] + mapping.get("MaximumBatchingWindowInSeconds", 0)


def test_one_bad_message_does_not_bring_back_its_batch_and_concurrency_has_a_limit() -> None:
    assert len(queue_mappings()) == 4
    for mapping in queue_mappings().values():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_a_message_is_tried_five_times_and_then_kept_for_fourteen_days() -> None:
    queues = of_type("AWS::SQS::Queue")
    sources = {name_of(mapping["EventSourceArn"]) for mapping in queue_mappings().values()}
    for name in sources:
        redrive = queues[name]["RedrivePolicy"]
        assert redrive["maxReceiveCount"] >= 5
        assert name_of(redrive["deadLetterTargetArn"]) not in sources
    for name in queues.keys() - sources:
        assert queues[name]["MessageRetentionPeriod"] == FOURTEEN_DAYS, name


def test_every_queue_is_encrypted() -> None:
    assert all(queue["SqsManagedSseEnabled"] is True for queue in of_type("AWS::SQS::Queue").values())


def test_the_stream_retries_a_few_times_halves_what_fails_and_keeps_what_it_gives_up() -> None:
    mapping = of_type("AWS::Lambda::EventSourceMapping")["ForwardFanoutStream"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 0 < mapping["MaximumRetryAttempts"] <= 10
    assert name_of(mapping["DestinationConfig"]["OnFailure"]["Destination"]) == "FanoutFailures"
    pattern = json.loads(mapping["FilterCriteria"]["Filters"][0]["Pattern"])
    assert pattern["dynamodb"]["NewImage"]["outbox"]["N"] == [{"exists": True}]


def test_whatever_the_schedules_start_has_somewhere_to_fail_to() -> None:
    targets = {name_of(config["FunctionName"]): config for config in of_type("AWS::Lambda::EventInvokeConfig").values()}
    assert sorted(targets) == sorted(ASYNCHRONOUS)
    for config in targets.values():
        assert name_of(config["DestinationConfig"]["OnFailure"]["Destination"]) == "ScheduleFailures"
    for schedule in of_type("AWS::Scheduler::Schedule").values():
        assert name_of(schedule["Target"]["DeadLetterConfig"]["Arn"]) == "ScheduleFailures"
        assert "RetryPolicy" in schedule["Target"]


def test_the_night_is_the_stacks_own_night() -> None:
    night = of_type("AWS::Scheduler::Schedule")["NightlyScoringEachNight"]
    assert night["ScheduleExpressionTimezone"] == {"Ref": "TimeZone"}
    assert night["ScheduleExpression"] == "cron(30 3 * * ? *)"


def test_the_table_is_kept_encrypted_and_restorable() -> None:
    table = of_type("AWS::DynamoDB::Table")["Table"]
    assert expanded()["Resources"]["Table"]["DeletionPolicy"] == "Retain"
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert expanded()["Parameters"]["DeletionProtection"]["Default"] == "true"


def test_the_bucket_is_private_versioned_encrypted_and_speaks_tls_only() -> None:
    bucket = of_type("AWS::S3::Bucket")["Bucket"]
    assert expanded()["Resources"]["Bucket"]["DeletionPolicy"] == "Retain"
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]
    policy = of_type("AWS::S3::BucketPolicy")["BucketPolicy"]["PolicyDocument"]["Statement"][0]
    assert (policy["Effect"], policy["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_access_log_names_routes_and_never_what_identifies_a_customer() -> None:
    stage = of_type("AWS::ApiGatewayV2::Stage")["HttpApiApiGatewayDefaultStage"]
    fields = re.findall(r"\$context\.([\w.]+)", stage["AccessLogSettings"]["Format"])
    assert set(fields) == {
        "requestId", "requestTimeEpoch", "routeKey", "status", "responseLatency", "responseLength", "integrationStatus",
    }  # fmt: skip


def test_every_route_is_throttled() -> None:
    limits = of_type("AWS::ApiGatewayV2::Stage")["HttpApiApiGatewayDefaultStage"]["DefaultRouteSettings"]
    assert limits.keys() == {"ThrottlingRateLimit", "ThrottlingBurstLimit"}


def test_administration_and_nothing_else_asks_for_iam() -> None:
    paths = of_type("AWS::ApiGatewayV2::Api")["HttpApi"]["Body"]["paths"]
    signed = {path for path, methods in paths.items() for operation in methods.values() if operation.get("security")}
    assert signed == {"/admin/{proxy+}"}
    assert paths.keys() - signed == {
        "/triggers/{source}", "/replies/{channel}", "/r/{token}", "/u/{token}", "/openapi.json", "/docs", "/scores/{survey}",
    }  # fmt: skip


def test_every_parameter_has_a_default_a_description_and_a_place_in_a_group() -> None:
    parameters = expanded()["Parameters"]
    groups = expanded()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(parameters)
    assert all({"Default", "Description"} <= parameter.keys() for parameter in parameters.values())


def test_what_is_for_a_local_stack_only_is_empty_by_default() -> None:
    local = {name: value["Default"] for name, value in expanded()["Parameters"].items() if name.startswith("Local")}
    assert local == {"LocalVendorsUrl": "", "LocalClockFile": "", "LocalAwsEndpointUrl": ""}


def machine() -> dict[str, Any]:
    found: dict[str, Any] = of_type("AWS::StepFunctions::StateMachine")["DayCounting"]
    return found


def test_the_machine_that_the_night_starts_is_the_one_that_is_there() -> None:
    name = machine()["StateMachineName"]["Fn::Sub"]
    night = of_type("AWS::Lambda::Function")["NightlyScoring"]["Environment"]["Variables"]["HEARBACK_DAY_MACHINE"]["Fn::Sub"]
    assert night.endswith(f":stateMachine:{name}")
    allowed = [
        each["Resource"]
        for each in statements(of_type("AWS::IAM::Role")["NightlyScoringRole"])
        if "states:StartExecution" in each["Action"]
    ]
    assert allowed == [{"Fn::Sub": night}]


def test_parts_are_counted_apart_from_each_other_and_a_failure_is_tried_again_then_told() -> None:
    states = machine()["Definition"]["States"]
    processor = states["CountParts"]["ItemProcessor"]
    assert processor["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
    for state in (processor["States"]["CountPart"], states["GoOn"]):
        assert state["Retry"][0]["MaxAttempts"] == 3
    for state in (states["CountParts"], states["GoOn"]):
        assert state["Catch"][0]["Next"] == "Tell"
    assert states["Tell"]["Parameters"]["QueueUrl"] == "${ScheduleFailures}"
    assert states[states["Tell"]["Next"]]["Type"] == "Fail"


def test_the_machine_logs_its_errors_and_no_data() -> None:
    logging = machine()["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)
    assert name_of(logging["Destinations"][0]["CloudWatchLogsLogGroup"]["LogGroupArn"]) == "DayCountingLogs"


def test_what_is_left_of_a_large_days_parts_goes_away() -> None:
    rules = of_type("AWS::S3::Bucket")["Bucket"]["LifecycleConfiguration"]["Rules"]
    assert "parts/" in {rule["Prefix"] for rule in rules if "ExpirationInDays" in rule}


def test_what_is_kept_has_an_end_that_the_operator_chooses_and_0_is_none() -> None:
    parameter = expanded()["Parameters"]["RetentionDays"]
    assert parameter["Default"] == 730
    assert min(parameter["AllowedValues"]) == 0
    told = {
        name for name, each in of_type("AWS::Lambda::Function").items() if "HEARBACK_RETENTION_DAYS" in each["Environment"]["Variables"]
    }
    assert told == {"Erasure"}


def test_earlier_versions_of_objects_and_files_to_import_have_an_end() -> None:
    rules = of_type("AWS::S3::Bucket")["Bucket"]["LifecycleConfiguration"]["Rules"]
    (everything,) = [each for each in rules if "Prefix" not in each and "NoncurrentVersionExpiration" in each]
    assert everything["NoncurrentVersionExpiration"]["NoncurrentDays"] <= 90
    (imports,) = [each for each in rules if each.get("Prefix") == "imports/"]
    assert imports["ExpirationInDays"] + imports["NoncurrentVersionExpiration"]["NoncurrentDays"] <= 30


def test_athena_is_told_the_columns_that_are_written() -> None:
    lake = of_type("AWS::Glue::Table")["LakeAnswers"]["TableInput"]
    assert tuple(column["Name"] for column in lake["StorageDescriptor"]["Columns"]) == NAMES
    assert [key["Name"] for key in lake["PartitionKeys"]] == ["survey", "dt"]
    assert lake["StorageDescriptor"]["Location"] == {"Fn::Sub": f"s3://${{Bucket}}/{ROOT_OF_LAKE}/"}
    assert lake["Parameters"]["storage.location.template"]["Fn::Sub"].endswith(f"/{ROOT_OF_LAKE}/survey=${{!survey}}/dt=${{!dt}}/")


def test_results_of_queries_go_where_they_are_deleted() -> None:
    where = of_type("AWS::Athena::WorkGroup")["LakeWorkGroup"]["WorkGroupConfiguration"]["ResultConfiguration"]["OutputLocation"]
    assert where == {"Fn::Sub": "s3://${Bucket}/athena/"}
    expiring = {
        rule["Prefix"] for rule in of_type("AWS::S3::Bucket")["Bucket"]["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in rule
    }
    assert "athena/" in expiring


def test_a_person_is_told_every_address_they_need() -> None:
    assert {"ApiUrl", "TriggerUrl", "ReplyUrl", "AdminUrl", "DocsUrl", "TableName", "BucketName"} <= expanded()["Outputs"].keys()


def test_the_forwarder_writes_to_stories_only() -> None:
    writes = [each for each in statements(of_type("AWS::IAM::Role")["AnswerForwardRole"]) if "dynamodb:UpdateItem" in each["Action"]]
    assert [each["Condition"] for each in writes] == [{"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["INV#*"]}}]
