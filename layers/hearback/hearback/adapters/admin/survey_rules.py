"""What a survey may be where one field depends on another. Each rule looks only at fields that are well-formed themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hearback.domain.survey import Metric

Plain = Mapping[str, Any]
Problems = Iterator[tuple[str, str]]

TemplateProblem = Callable[[str], str | None]
"""What is wrong with a text as a template over the variables that a question may name; None: nothing."""

LONGEST_SCALE = 11


def problems_between_fields(body: Plain, *, channels: Collection[str], template_problem: TemplateProblem) -> dict[str, str]:
    """Path to problem, for every rule over several fields that can be judged. `body` holds the well-formed fields only."""
    found: dict[str, str] = {}
    for path, problem in _all(body, channels, template_problem):
        found.setdefault(path, problem)
    return found


def _all(body: Plain, channels: Collection[str], template_problem: TemplateProblem) -> Problems:
    scale, metric, texts = body.get("scale"), body.get("metric"), body.get("texts")
    if scale and metric:
        yield from _scale(scale, metric)
        yield from _benchmark(scale, body.get("benchmark"))
        yield from _target(scale, metric, body.get("target"))
    if timezone := body.get("timezone"):
        yield from _timezone(timezone)
    if texts:
        yield from _templates(texts, template_problem)
    yield from _follow_ups(body.get("follow_ups") or [], scale, texts, template_problem)
    yield from _policy(body.get("policy") or {})
    yield from _channels(body.get("channels") or [], channels)
    yield from _segments(body.get("segments") or [])
    yield from _repeats("digest.to", (body.get("digest") or {}).get("to") or [])
    yield from _repeats("digest.periods", (body.get("digest") or {}).get("periods") or [])


def _scale(scale: Plain, metric: str) -> Problems:
    if metric == Metric.NPS:
        for end, value in (("min", 0), ("max", 10)):
            if scale[end] != value:
                yield f"scale.{end}", f"must be {value}: NPS is asked from 0 to 10"
        if scale["direction"] != "high_is_good":
            yield "scale.direction", "must be high_is_good: NPS has no other direction"
    if scale["min"] >= scale["max"]:
        yield "scale.min", "must be less than scale.max"
    elif scale["max"] - scale["min"] >= LONGEST_SCALE:
        yield "scale.max", f"must leave at most {LONGEST_SCALE} ratings"


def _benchmark(scale: Plain, benchmark: int | None) -> Problems:
    if benchmark is not None and not scale["min"] <= benchmark <= scale["max"]:
        yield "benchmark", f"must be on the scale, from {scale['min']} to {scale['max']}"


def _target(scale: Plain, metric: str, target: float | None) -> Problems:
    bounds = {Metric.CSAT: (0, 100), Metric.NPS: (-100, 100), Metric.CES: (scale["min"], scale["max"])}
    low, high = bounds[Metric(metric)]
    if target is not None and not low <= target <= high:
        yield "target", f"must be from {low} to {high} for {metric}"


def _timezone(name: str) -> Problems:
    if not is_timezone(name):
        yield "timezone", "is not the name of an IANA time zone, such as Europe/Berlin"


def is_timezone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _templates(texts: Plain, template_problem: TemplateProblem) -> Problems:
    for language, words in texts.items():
        for name, text in words.items():
            if problem := template_problem(text):
                yield f"texts.{language}.{name}", problem


def _follow_ups(follow_ups: list[Plain], scale: Plain | None, texts: Plain | None, template_problem: TemplateProblem) -> Problems:
    fallback = ("en" if "en" in texts else next(iter(texts))) if texts else None
    yield from _repeats("follow_ups", [each["id"] for each in follow_ups], field="id")
    for place, each in enumerate(follow_ups):
        path = f"follow_ups.{place}"
        yield from _words(f"{path}.texts", each["texts"], fallback, template_problem)
        yield from _choices(path, each, fallback, template_problem)
        yield from _when(path, each.get("when") or {}, scale)
        if each["id"] == "rating":
            yield f"{path}.id", "must not be rating: that is the first question's name"


def _choices(path: str, follow_up: Plain, fallback: str | None, template_problem: TemplateProblem) -> Problems:
    choices = follow_up.get("choices") or []
    if follow_up["kind"] == "choices" and not choices:
        yield f"{path}.choices", "must offer at least one choice"
    if follow_up["kind"] == "text" and choices:
        yield f"{path}.choices", "must be empty: a text has no choices"
    yield from _repeats(f"{path}.choices", [each["id"] for each in choices], field="id")
    for place, each in enumerate(choices):
        yield from _words(f"{path}.choices.{place}.texts", each["texts"], fallback, template_problem)


def _words(path: str, words: Plain, fallback: str | None, template_problem: TemplateProblem) -> Problems:
    for language, text in words.items():
        if problem := template_problem(text):
            yield f"{path}.{language}", problem
    if fallback and fallback not in words:
        yield f"{path}.{fallback}", "is required: readers of every language without words of its own see these"


def _when(path: str, when: Plain, scale: Plain | None) -> Problems:
    low, high = when.get("min_rating"), when.get("max_rating")
    if low is not None and high is not None and low > high:
        yield f"{path}.when.min_rating", "must not be more than max_rating"
    for name, rating in (("min_rating", low), ("max_rating", high)):
        if scale and rating is not None and not scale["min"] <= rating <= scale["max"]:
            yield f"{path}.when.{name}", f"must be on the scale, from {scale['min']} to {scale['max']}"


def _policy(policy: Plain) -> Problems:
    hours = policy.get("quiet_hours")
    if hours and hours[0] == hours[1]:
        yield "policy.quiet_hours", "must begin and end at different times; null means none"
    reminder, expires = policy.get("reminder_days"), policy.get("expires_days")
    if reminder is not None and expires is not None and reminder >= expires:
        yield "policy.reminder_days", "must be less than expires_days"


def _channels(named: list[str], known: Collection[str]) -> Problems:
    yield from _repeats("channels", named)
    for place, each in enumerate(named):
        if each not in known:
            yield f"channels.{place}", f"is no channel here; there are {', '.join(sorted(known))}"


def _segments(segments: list[str | list[str]]) -> Problems:
    alone = [each if isinstance(each, str) else " by ".join(sorted(each)) for each in segments]
    yield from _repeats("segments", alone)
    for place, each in enumerate(segments):
        if not isinstance(each, str) and each[0] == each[1]:
            yield f"segments.{place}", "must name two different variables"


def _repeats(path: str, ids: list[str], field: str = "") -> Problems:
    for place, each in enumerate(ids):
        if each in ids[:place]:
            yield ".".join(filter(None, (path, str(place), field))), "is there twice"
