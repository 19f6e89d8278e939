"""What may be configured: the bodies of surveys, and of sources, channels and sinks by their kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from hearback.adapters.admin.problems import problems_of, refusal
from hearback.adapters.admin.survey_body import DEFAULT_POLICY, SurveyBody, default_scale
from hearback.adapters.admin.survey_rules import TemplateProblem, problems_between_fields
from hearback.domain.errors import Invalid
from hearback.ports import CheckedConfig

MOST_BYTES = 100_000
"""A body as it is stored. One table item holds at most 400 kB, and every function reads these."""

MOST_SECRET_BYTES = 3500
"""All secrets of one object: a parameter of the secret store holds 4 kB."""

SHOWN = "set"
"""What stands in the place of a secret wherever a body is shown."""

_CREDENTIALS = "credentials"


@dataclass(frozen=True)
class Family:
    """The kinds of one family: the fields of each, and which of those are secrets."""

    settings: Mapping[str, type[BaseModel]]
    secret_fields: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class AdminRules:
    """`families` are sources, channels and sinks; `timezone` is that of a survey which names none. `stand_ins` gives, by
    family and kind, what a body may leave out in a local stack because no vendor is there to ask for it.
    """

    families: Mapping[str, Family]
    template_problem: TemplateProblem
    timezone: str = "UTC"
    stand_ins: Mapping[tuple[str, str], Callable[[], Mapping[str, Any]]] = field(default_factory=dict)

    def check(self, family: str, body: Mapping[str, Any], *, held: Mapping[str, Any], channels: Collection[str]) -> CheckedConfig:
        checked = CheckedConfig(self._survey(body, channels)) if family == "surveys" else self._settings(family, body, held)
        _bounded(checked)
        return checked

    def outbound_urls(self, body: Mapping[str, Any]) -> dict[str, str]:
        found = {name: body.get(name) for name in ("base_url", "token_url")}
        for name in ("request", "erase"):
            request = body.get(name)
            found[f"{name}.url"] = request.get("url") if isinstance(request, dict) else None
        return {path: url for path, url in found.items() if url}

    def _survey(self, body: Mapping[str, Any], configured: Collection[str]) -> dict[str, Any]:
        given = {"timezone": self.timezone, **_with_scale(body)}
        channels = {"same", *self.families["channels"].settings, *configured}
        problems, survey = _parsed(SurveyBody, given)
        sound = {name: given[name] for name in given if not any(path.split(".")[0] == name for path in problems)}
        if isinstance(given.get("policy"), dict) and "policy" in sound:
            sound["policy"] = {"expires_days": DEFAULT_POLICY.expires_days, **given["policy"]}
        between = problems_between_fields(sound, channels=channels, template_problem=self.template_problem)
        if survey is None or between:
            raise refusal(between | problems, what="this survey")
        plain: dict[str, Any] = _whole(survey.model_dump(mode="json"))
        return plain

    def _settings(self, family: str, body: Mapping[str, Any], held: Mapping[str, Any]) -> CheckedConfig:
        kinds = self.families[family]
        what = f"this {family.removesuffix('s')}"
        kind = body.get("kind")
        model = kinds.settings.get(kind) if isinstance(kind, str) else None
        if model is None or not isinstance(kind, str):
            raise refusal({"kind": f"must be one of {', '.join(sorted(kinds.settings))}"}, what=what)
        fields = kinds.secret_fields[kind]
        given, problems = _with_held(model, body, fields, held)
        if (family, kind) in self.stand_ins:
            given = {**self.stand_ins[family, kind](), **given}
        found, settings = _parsed(model, given)
        problems = found | problems
        if settings is None or problems:
            raise refusal(problems, what=what)
        return _without_secrets(settings.model_dump(mode="json", by_alias=True), fields)


def _parsed(model: type[BaseModel], given: Mapping[str, Any]) -> tuple[dict[str, str], BaseModel | None]:
    try:
        return {}, model.model_validate(dict(given))
    except ValidationError as error:
        return problems_of(error), None


def _whole(value: Any) -> Any:
    """75.0 as 75, so that a survey is shown as it was written."""
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _with_scale(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the scale leaves out comes from the metric; a metric that is none is named alone, without its consequences."""
    given, metric = dict(body), body.get("metric")
    default = default_scale(metric if metric in ("csat", "nps", "ces") else "csat")
    scale = given.setdefault("scale", default)
    if isinstance(scale, dict):
        given["scale"] = {**default, **scale}
    return given


# --- secrets ----------------------------------------------------------------------------------------------------------------


def _with_held(
    model: type[BaseModel], body: Mapping[str, Any], fields: Collection[str], held: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The body with stored secrets where it leaves one out or shows it as "set", and what is wrong with that."""
    given, problems = deepcopy(dict(body)), dict[str, str]()
    for name in fields:
        top = name in model.model_fields
        place = given if top else given.get(_CREDENTIALS, {})
        if not isinstance(place, dict):
            continue  # the model says so
        shown = place.get(name) == SHOWN
        if shown:
            del place[name]
        if name in held:
            place.setdefault(name, deepcopy(held[name]))
            given |= {} if top else {_CREDENTIALS: place}
        elif shown:
            problems[name if top else f"{_CREDENTIALS}.{name}"] = "has no stored value that could be kept: give the secret itself"
    return given, problems


def _without_secrets(body: dict[str, Any], fields: Collection[str]) -> CheckedConfig:
    secrets, paths = dict[str, Any](), dict[str, str]()
    credentials = body.get(_CREDENTIALS)
    for name in fields:
        for place, path in ((body, name), (credentials, f"{_CREDENTIALS}.{name}")):
            if isinstance(place, dict) and name in place:
                value = place.pop(name)
                if value not in (None, "", [], {}):
                    secrets[name], paths[name] = value, path
    return CheckedConfig(body, secrets, paths)


# --- bounds -----------------------------------------------------------------------------------------------------------------


def _bounded(checked: CheckedConfig) -> None:
    if _size(checked.body) > MOST_BYTES:
        raise Invalid(f"this body is larger than {MOST_BYTES} bytes", fields={"body": "is too large"})
    if _size(checked.secrets) > MOST_SECRET_BYTES:
        what = f"is too large: the secrets may take {MOST_SECRET_BYTES} bytes together"
        raise Invalid("these secrets are too large", fields=dict.fromkeys(checked.secret_paths.values(), what))


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
