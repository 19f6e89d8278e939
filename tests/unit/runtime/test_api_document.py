"""The OpenAPI document: valid, up to date, complete, and true."""

import json
import re
import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped, unused-ignore]
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from hearback.adapters.admin.operations import OPERATIONS
from hearback.domain.story import State
from hearback.runtime.admin_routes import admin_routes
from hearback.runtime.api_document import VERSION, document
from hearback.runtime.docs_routes import DOCUMENT, docs_routes
from hearback.runtime.http import http_handler
from tests.builders import NOW, a_story, a_survey, an_answer
from tests.unit.runtime.admin_world import AdminWorld, Context

ROOT = Path(__file__).parents[3]
SPEC: dict[str, Any] = json.loads(DOCUMENT.read_text())


class Anchored(yaml.SafeLoader):  # type: ignore[misc, unused-ignore]
    """Reads a template's short functions (!Ref, !Sub) as what they hold."""


Anchored.add_multi_constructor("!", lambda loader, _, node: getattr(loader, f"construct_{node.id}")(node))


def conforms(schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator({**schema, "components": SPEC["components"]}).validate(value)


def test_the_kept_document_is_the_one_that_the_code_makes() -> None:
    made = "python -m hearback.runtime.api_document > hearback/adapters/admin/openapi.json (in layers/hearback) makes it anew"
    assert DOCUMENT.read_bytes() == document(), made


def test_making_it_twice_gives_the_same_bytes() -> None:
    assert document() == document()


def test_it_is_openapi_3_1() -> None:
    assert SPEC["openapi"].startswith("3.1")
    validate(SPEC)


def test_it_names_the_projects_version() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION == SPEC["info"]["version"]


def test_every_route_is_documented_and_every_documented_route_is_served() -> None:
    template = yaml.load((ROOT / "template.yaml").read_text(), Anchored)
    events = [event for each in template["Resources"].values() for event in each.get("Properties", {}).get("Events", {}).values()]
    deployed = {(each["Properties"]["Method"], each["Properties"]["Path"]) for each in events if each["Type"] == "HttpApi"}
    served = {(method, path.replace("+}", "}")) for method, path, _ in [*admin_routes(AdminWorld().uses), *docs_routes()]}
    public = {(method, path) for method, path in deployed if not path.startswith("/admin/") and method != "HEAD"}
    documented = {(method.upper(), path) for path, methods in SPEC["paths"].items() for method in methods}
    forms = {("GET", f"/scores/{{survey}}{form}") for form in (".json", ".svg")}
    assert documented == served | public | forms
    assert ("ANY", "/admin/{proxy+}") in deployed


def test_admin_routes_are_said_to_need_a_signature_and_no_others() -> None:
    for path, methods in SPEC["paths"].items():
        for operation in methods.values():
            assert ("security" in operation) == path.startswith("/admin/")


def test_every_operation_tells_its_errors() -> None:
    for each in OPERATIONS:
        assert {429, 500, 503} <= set(each.errors)
        assert (403 in each.errors) == each.admin
        assert not each.takes or {400, 413} <= set(each.errors)


# --- the document is true -----------------------------------------------------------------------------------------------------


def documented(method: str, path: str) -> dict[str, Any]:
    operation: dict[str, Any] = SPEC["paths"][path][method.lower()]
    return operation


def example(method: str, path: str) -> Any:
    return documented(method, path)["requestBody"]["content"]["application/json"]["example"]


def answer_schema(method: str, path: str, status: int) -> dict[str, Any]:
    said = documented(method, path)["responses"][str(status)]
    if "$ref" in said:
        said = SPEC["components"]["responses"][str(status)]
    schema: dict[str, Any] = said["content"]["application/json"]["schema"]
    return schema


@pytest.fixture
def world() -> AdminWorld:
    """A stack with something of everything, made by the document's own examples."""
    world = AdminWorld(real_kinds=True)
    for family, config_id in (("surveys", "support"), ("sources", "helpdesk"), ("channels", "whatsapp"), ("sinks", "crm")):
        status, body = world.call("PUT", f"/admin/{family}/{config_id}", example("PUT", f"/admin/{family}/{{id}}"))
        assert status == 200, body
    story = a_story(state=State.SENT, expires_at=NOW + timedelta(days=9))
    world.stories.add(story, due=None, asked_day=None)
    world.stories.record_answer(story.invitation_id, a_survey(), an_answer(4, comment="fine"), at=NOW, channel="web", sinks=["crm"])
    world.blobs.put("imports/past.csv", b"x", "text/csv")
    return world


CALLS = [
    *(("GET", f"/admin/{family}", f"/admin/{family}", 200) for family in ("surveys", "sources", "channels", "sinks")),
    ("GET", "/admin/surveys/{id}", "/admin/surveys/support", 200),
    ("GET", "/admin/sources/{id}", "/admin/sources/helpdesk", 200),
    ("GET", "/admin/channels/{id}", "/admin/channels/whatsapp", 200),
    ("GET", "/admin/sinks/{id}", "/admin/sinks/crm", 200),
    ("GET", "/admin/sinks/{id}", "/admin/sinks/none", 404),
    ("POST", "/admin/surveys/{survey}/invitations", "/admin/surveys/support/invitations", 202),
    ("GET", "/admin/triggers/{source}/{event_id}", "/admin/triggers/helpdesk/event-1", 200),
    ("POST", "/admin/sinks/{sink}/dry-run", "/admin/sinks/crm/dry-run", 200),
    ("POST", "/admin/forwards/replay", "/admin/forwards/replay", 202),
    ("POST", "/admin/imports", "/admin/imports", 202),
    ("GET", "/admin/imports", "/admin/imports", 200),
    ("GET", "/admin/contacts/{id}", "/admin/contacts/ada@example.com", 200),
    ("GET", "/admin/contacts/{id}", "/admin/contacts/nobody@example.com", 404),
    ("DELETE", "/admin/contacts/{id}", "/admin/contacts/ada@example.com", 202),
    ("GET", "/admin/erasures", "/admin/erasures", 200),
]


@pytest.mark.parametrize(("method", "path", "called", "expected"), CALLS)
def test_examples_are_accepted_and_answers_are_as_described(world: AdminWorld, method: str, path: str, called: str, expected: int) -> None:
    body = example(method, path) if method == "POST" else None
    status, answer = world.call(method, called, body)
    assert status == expected, answer
    conforms(answer_schema(method, path, status), answer)


@pytest.mark.parametrize("family", ["surveys", "sources", "channels", "sinks"])
def test_the_examples_of_configuration_are_what_their_schema_describes(family: str) -> None:
    path = f"/admin/{family}/{{id}}"
    conforms(documented("PUT", path)["requestBody"]["content"]["application/json"]["schema"], example("PUT", path))


def test_what_the_schema_does_not_know_the_api_refuses_as_well(world: AdminWorld) -> None:
    body = {**example("PUT", "/admin/surveys/{id}"), "colour": "red"}
    status, answer = world.call("PUT", "/admin/surveys/support", body)
    assert (status, list(answer["error"]["fields"])) == (422, ["colour"])
    conforms(answer_schema("PUT", "/admin/surveys/{id}", 422), answer)
    errors = list(Draft202012Validator({"$ref": "#/components/schemas/Survey", "components": SPEC["components"]}).iter_errors(body))
    assert errors


def test_no_example_holds_a_secret_that_is_shown_again(world: AdminWorld) -> None:
    _, source = world.call("GET", "/admin/sources/helpdesk")
    _, channel = world.call("GET", "/admin/channels/whatsapp")
    assert source["secret"] == "set"
    assert {channel["credentials"][name] for name in ("access_token", "app_secret", "verify_token")} == {"set"}


# --- how it is served ---------------------------------------------------------------------------------------------------------


def served(path: str, **headers: str) -> Any:
    event = {"rawPath": path, "headers": headers, "requestContext": {"http": {"method": "GET"}}}
    return http_handler(docs_routes())(event, Context())


def test_the_document_is_served_as_it_is_kept() -> None:
    reply = served("/openapi.json")
    assert (reply["statusCode"], json.loads(reply["body"])) == (200, SPEC)
    assert reply["headers"]["content-type"].startswith("application/json")


def test_the_page_shows_every_operation_and_loads_nothing() -> None:
    reply = served("/docs", host="api.example")
    html = reply["body"]
    for each in OPERATIONS:
        assert f'id="{each.id}"' in html
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|javascript:| on\w+=", html)
    assert "default-src 'none'; style-src 'sha256-" in reply["headers"]["content-security-policy"]
    assert "API=https://api.example\n" in html


def test_every_link_on_the_page_leads_somewhere() -> None:
    html = served("/docs")["body"]
    ids = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= ids


@pytest.mark.parametrize("host", ['x"><script>', "a b", "", "x" * 300, "$(reboot)"])
def test_a_host_that_is_none_is_not_repeated(host: str) -> None:
    assert "API=https://the-address-of-this-api\n" in served("/docs", host=host)["body"]


def test_serving_it_loads_nothing_of_what_it_describes() -> None:
    heavy = ["boto3", "hearback.runtime.wiring", "jinja2", "pydantic"]
    script = f"import hearback.runtime.docs_routes, sys; print([each for each in {heavy} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT / "layers" / "hearback", capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- events/, which SAM local sends -------------------------------------------------------------------------------------------

EVENTS = ROOT / "events"
REFUSED = {"impossible_survey": 422, "show_report": 404}


@pytest.mark.parametrize("path", sorted((EVENTS / "admin_api").glob("*.json")), ids=lambda path: path.stem)
def test_each_event_of_the_admin_api_is_answered_as_meant(world: AdminWorld, path: Path) -> None:
    world.call("POST", "/admin/surveys/support/invitations", example("POST", "/admin/surveys/{survey}/invitations"))
    reply = world.handler(json.loads(path.read_text()), Context())
    assert reply["statusCode"] in ({REFUSED[path.stem]} if path.stem in REFUSED else {200, 202}), reply["body"]


@pytest.mark.parametrize("path", sorted((EVENTS / "api_docs").glob("*.json")), ids=lambda path: path.stem)
def test_each_event_of_the_documentation_is_answered(path: Path) -> None:
    assert http_handler(docs_routes())(json.loads(path.read_text()), Context())["statusCode"] == 200
