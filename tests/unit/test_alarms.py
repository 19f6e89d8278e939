"""Promises of the alarms and the dashboard: whatever can go wrong for good wakes somebody, and what is counted is really logged."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from functions.nightly_scoring.handler import make_handler as make_night
from functions.survey_trigger.handler import make_handler as make_trigger
from hearback.domain.errors import Misconfigured, Unavailable
from hearback.runtime.http import http_handler
from hearback.runtime.logs import log
from hearback.runtime.queue import queue_handler
from hearback.usecases.dispatch_survey import Dispatched
from hearback.usecases.forward_answer import Forwarded
from hearback.usecases.mail_digests import MailOutcome
from hearback.usecases.receive_trigger import Receipt
from hearback.usecases.score_nights import NightOutcome
from tests.stack_template import expanded, name_of, of_type
from tests.unit.runtime.admin_world import Context
from tests.unit.runtime.answer_world import AnswerWorld

ALARM = "AWS::CloudWatch::Alarm"
OWN = {"Fn::Sub": "Hearback/${AWS::StackName}"}


def alarms(namespace: str, metric: str) -> dict[str, dict[str, Any]]:
    """Alarms on a metric, by what they watch."""
    found = (each for each in of_type(ALARM).values() if (each["Namespace"], each["MetricName"]) == (namespace, metric))
    return {name_of(each["Dimensions"][0]["Value"]): each for each in found}


def own_alarm(metric: str) -> dict[str, Any]:
    (found,) = (each for each in of_type(ALARM).values() if (each["Namespace"], each["MetricName"]) == (OWN, metric))
    return found


def source_queues() -> set[str]:
    return {name for name, queue in of_type("AWS::SQS::Queue").items() if "RedrivePolicy" in queue}


# --- every failure wakes somebody -----------------------------------------------------------------------------------------


def test_the_first_message_in_any_queue_of_failures_is_an_alarm() -> None:
    watched = alarms("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert watched.keys() == of_type("AWS::SQS::Queue").keys() - source_queues()
    for alarm in watched.values():
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
        assert (alarm["Statistic"], alarm["EvaluationPeriods"]) == ("Maximum", 1)


def test_a_queue_that_nobody_empties_is_an_alarm() -> None:
    assert alarms("AWS/SQS", "ApproximateAgeOfOldestMessage").keys() == source_queues()


def test_a_stream_that_falls_behind_is_an_alarm_long_before_it_forgets() -> None:
    mappings = of_type("AWS::Lambda::EventSourceMapping").values()
    readers = {name_of(each["FunctionName"]) for each in mappings if "StartingPosition" in each}
    watched = alarms("AWS/Lambda", "IteratorAge")
    assert watched.keys() == readers
    assert all(alarm["Threshold"] <= 3_600_000 for alarm in watched.values())


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_s_crashes_and_refused_starts_are_alarms(metric: str) -> None:
    assert alarms("AWS/Lambda", metric).keys() == of_type("AWS::Lambda::Function").keys()


def test_the_sweeper_s_silence_is_an_alarm() -> None:
    (alarm,) = alarms("AWS/Lambda", "Invocations").values()
    assert name_of(alarm["Dimensions"][0]["Value"]) == "DueSweeper"
    assert (alarm["Statistic"], alarm["Threshold"], alarm["ComparisonOperator"]) == ("Sum", 1, "LessThanThreshold")
    assert alarm["TreatMissingData"] == "breaching"


def test_a_missed_night_is_an_alarm_after_26_hours_even_when_nothing_at_all_is_heard() -> None:
    alarm = own_alarm("NightsDone")
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 26 * 3600
    assert alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"]
    assert (alarm["Statistic"], alarm["Threshold"], alarm["ComparisonOperator"]) == ("Sum", 1, "LessThanThreshold")
    assert alarm["TreatMissingData"] == "breaching"


@pytest.mark.parametrize("metric", ["SendsFailed", "AnswersDoubted", "LoggedErrors"])
def test_what_only_the_functions_know_of_is_an_alarm_too(metric: str) -> None:
    assert own_alarm(metric)["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_whatever_a_machine_cannot_tell_of_itself_is_an_alarm() -> None:
    assert alarms("AWS/States", "ExecutionsTimedOut").keys() == of_type("AWS::StepFunctions::StateMachine").keys()


def test_a_failing_api_and_a_throttled_table_are_alarms() -> None:
    assert alarms("AWS/ApiGateway", "5xx").keys() == {"HttpApi"}
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        assert alarms("AWS/DynamoDB", metric).keys() == {"Table"}


def test_every_alarm_says_what_to_do_and_tells_the_topic() -> None:
    for name, alarm in of_type(ALARM).items():
        assert len(alarm["AlarmDescription"]) > 60, name
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}], name


def test_silence_is_no_alarm_but_where_silence_is_the_failure() -> None:
    waiting = {name for name, alarm in of_type(ALARM).items() if alarm["TreatMissingData"] == "breaching"}
    assert waiting == {"SweeperStopped", "NightMissed"}
    assert {alarm["TreatMissingData"] for alarm in of_type(ALARM).values()} == {"breaching", "notBreaching"}


def test_only_alarms_of_this_account_may_use_the_topic_and_nobody_is_subscribed_unasked() -> None:
    (statement,) = of_type("AWS::SNS::TopicPolicy")["AlarmsPolicy"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert expanded()["Resources"]["AlarmsByEmail"]["Condition"] == "HasAlarmEmail"
    assert expanded()["Parameters"]["AlarmEmail"]["Default"] == ""


# --- what is counted is what is logged ----------------------------------------------------------------------------------------


@contextmanager
def logged() -> Iterator[list[dict[str, Any]]]:
    """The lines that are logged inside, with the fields that a filter can see."""
    lines: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append({**record.__dict__, "level": record.levelname, "message": record.getMessage()})

    logger, keep = logging.getLogger(log().name), Keep()
    logger.addHandler(keep)
    try:
        yield lines
    finally:
        logger.removeHandler(keep)


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """CloudWatch's filter patterns, as far as the template uses them."""
    words = re.findall(r'"[^"]*"|&&|\|\||[(){}]|IS TRUE|[=>]|[\w.$-]+', pattern)
    python = {"&&": "and", "||": "or", "=": "==", "IS TRUE": "is True", "{": "(", "}": ")"}
    spelled = [f"line.get({word[2:]!r})" if word.startswith("$.") else python.get(word, word) for word in words]
    return bool(eval(" ".join(spelled), {"line": line}))


def counted(lines: list[dict[str, Any]]) -> dict[str, int]:
    """What the template's filters make of these lines, each filter once, whichever function's log it reads."""
    found: Counter[str] = Counter()
    filters = of_type("AWS::Logs::MetricFilter").values()
    for pattern, name, value in {(each["FilterPattern"], *_counts(each["MetricTransformations"][0])) for each in filters}:
        hits = [line for line in lines if matches(pattern, line)]
        found[name] += sum(int(value) if value.isdigit() else line[value[2:]] for line in hits)
    return dict(+found)


def _counts(made: dict[str, Any]) -> tuple[str, str]:
    return made["MetricName"], made["MetricValue"]


def run_queue(*outcomes: str) -> list[dict[str, Any]]:
    left = iter(outcomes)
    records = [{"messageId": f"m-{n}", "body": "{}", "eventSource": "aws:sqs", "receiptHandle": "h"} for n in range(len(outcomes))]
    with logged() as lines:
        queue_handler(lambda _: next(left))({"Records": records}, Context())
    return lines


def test_a_filter_s_pattern_means_what_it_says() -> None:
    assert matches('{ ($.a = "x") && ($.b IS TRUE) && ($.n > 0) }', {"a": "x", "b": True, "n": 1})
    assert not matches('{ ($.a = "x") && ($.b IS TRUE) }', {"a": "x", "b": 1})
    assert matches('{ ($.a = "x") || ($.a = "y") }', {"a": "y"})
    assert not matches('{ $.a = "x" }', {"b": "x"})


def test_a_trigger_is_counted_once_and_its_repeat_is_not() -> None:
    for status, number in (("accepted", {"TriggersTaken": 1}), ("duplicate", {})):
        handler = make_trigger(lambda *_, status=status: Receipt(status, "e", "i"))  # type: ignore[arg-type]
        with logged() as lines:
            handler({"rawPath": "/triggers/helpdesk", "requestContext": {"http": {"method": "POST"}}}, Context())
        assert counted(lines) == number


def test_sends_are_counted_by_how_they_ended() -> None:
    assert counted(run_queue(Dispatched.SENT, Dispatched.SENT, Dispatched.POSTPONED, Dispatched.NOT_DUE)) == {"SurveysSent": 2}
    assert counted(run_queue(Dispatched.REFUSED, Dispatched.UNKNOWN)) == {"SendsFailed": 2}


def test_forwards_are_counted_by_how_they_ended() -> None:
    ended = counted(run_queue(Forwarded.DELIVERED, Forwarded.RETRY, Forwarded.DEAD, Forwarded.NOTHING_TO_DO))
    assert ended == {"ForwardsDelivered": 1, "ForwardsPutOff": 1, "ForwardsGivenUp": 1}


def test_an_answer_that_is_repeated_or_changed_is_still_one_answer() -> None:
    world = AnswerWorld().sent()
    with logged() as lines:
        world.waits(60)
        world.answers(4)
        world.waits(60)
        world.answers(4)
        world.waits(60)
        world.answers(2)
    assert counted(lines)["Answers"] == 1


def test_an_answer_in_quarantine_is_counted_as_one_and_not_as_an_answer() -> None:
    world = AnswerWorld().sent()
    with logged() as lines:
        world.request("POST", world.links()[-1], {"rating": 3, "proof": "made-up"})
    assert counted(lines) == {"AnswersDoubted": 1}


def test_answers_in_a_messenger_count_as_many_as_one_delivery_brings() -> None:
    with logged() as lines:
        log().info("replies", extra={"channel": "wa", "answers": 3, "deliveries": 0, "left_alone": 1})
        log().info("replies", extra={"channel": "wa", "answers": 0, "deliveries": 2, "left_alone": 0})
    assert counted(lines) == {"Answers": 3}


def run_night(outcome: NightOutcome, **event: Any) -> list[dict[str, Any]]:
    handler: Any = make_night(lambda **_: outcome, lambda **_: MailOutcome())  # type: ignore[arg-type]
    with logged() as lines:
        try:
            handler(event, Context())
        except Unavailable:
            return lines
    return lines


def test_a_night_is_done_when_it_has_scored_every_survey_and_nothing_less() -> None:
    assert counted(run_night(NightOutcome())) == {"NightsDone": 1}
    assert counted(run_night(NightOutcome(), survey="support")) == {}
    assert counted(run_night(NightOutcome(), day="2026-03-02")) == {}
    assert counted(run_night(NightOutcome(more=True))) == {}
    assert counted(run_night(NightOutcome(failures={"support": Unavailable("later")}))) == {}


@pytest.mark.parametrize("error", [Misconfigured("no such channel"), KeyError("our bug")])
def test_what_an_operator_must_see_is_logged_as_an_error_wherever_it_happens(error: Exception) -> None:
    def fail(*_: Any) -> Any:
        raise error

    with logged() as of_a_queue:
        queue_handler(fail)({"Records": [{"messageId": "m", "body": "{}", "eventSource": "aws:sqs", "receiptHandle": "h"}]}, Context())
    with logged() as of_a_route:
        http_handler([("GET", "/", fail)])({"rawPath": "/", "requestContext": {"http": {"method": "GET"}}}, Context())
    assert counted(of_a_queue)["LoggedErrors"] == 1
    assert counted(of_a_route)["LoggedErrors"] == 1


def test_a_rating_page_that_is_not_set_up_is_an_error_for_the_operator_too() -> None:
    world = AnswerWorld().sent()
    links = world.links()
    world.world.secrets.delete("links/keys")
    with logged() as lines:
        assert world.request("GET", links[-1]).status == 500
    assert counted(lines)["LoggedErrors"] == 1


def test_every_function_s_log_is_searched_for_errors() -> None:
    searched = {
        name_of(each["LogGroupName"])
        for each in of_type("AWS::Logs::MetricFilter").values()
        if each["MetricTransformations"][0]["MetricName"] == "LoggedErrors"
    }
    assert searched == {f"{name}Logs" for name in of_type("AWS::Lambda::Function")}


def test_no_metric_costs_more_with_more_surveys() -> None:
    """Each value of a dimension is a metric of its own to CloudWatch, and is charged as one."""
    for filtered in of_type("AWS::Logs::MetricFilter").values():
        (made,) = filtered["MetricTransformations"]
        assert "Dimensions" not in made
        assert made["MetricNamespace"] == OWN


def test_the_lines_that_are_counted_cannot_be_switched_off() -> None:
    assert set(expanded()["Parameters"]["LogLevel"]["AllowedValues"]) <= {"DEBUG", "INFO"}


# --- the dashboard ------------------------------------------------------------------------------------------------------------


def widgets() -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = json.loads(of_type("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Fn::Sub"])["widgets"]
    return shown


def test_the_dashboard_shows_every_function_every_queue_and_every_metric_of_ours() -> None:
    shown = json.dumps(widgets())
    functions, queues = of_type("AWS::Lambda::Function"), of_type("AWS::SQS::Queue")
    counted = {each["MetricTransformations"][0]["MetricName"] for each in of_type("AWS::Logs::MetricFilter").values()}
    assert [name for name in functions if f'"${{{name}}}"' not in shown] == []
    assert [name for name in queues if f'"${{{name}.QueueName}}"' not in shown] == []
    assert [name for name in counted if f'"{name}"' not in shown] == []


def test_every_widget_has_a_title_a_region_and_a_place_of_its_own() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets():
        assert widget["properties"]["title"]
        assert widget["properties"]["region"] == "${AWS::Region}"
        assert widget["x"] + widget["width"] <= 24
        columns, rows = range(widget["x"], widget["x"] + widget["width"]), range(widget["y"], widget["y"] + widget["height"])
        cells = {(x, y) for x in columns for y in rows}
        assert not taken & cells, widget["properties"]["title"]
        taken |= cells


def test_a_row_of_dots_stands_for_something() -> None:
    """`.` repeats the field above it, so a widget's first line spells everything out."""
    for widget in widgets():
        assert "." not in widget["properties"]["metrics"][0][:2]
        assert widget["properties"]["metrics"][0][0] != "..."
