"""The OpenAPI 3.1 document, made from the models that the API itself reads bodies with. The same code gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from hearback.adapters.admin import responses
from hearback.adapters.admin.fields import NAME
from hearback.adapters.admin.operations import EXAMPLES, FAMILIES, OPERATIONS, Operation, Says, Schema, Takes
from hearback.adapters.admin.request_bodies import AgentBody, ContactBody, ConversationBody
from hearback.adapters.admin.rules import SHOWN, Family
from hearback.adapters.admin.survey_body import SurveyBody

REF = "#/components/schemas/"

ERRORS = {
    400: "The body is not what this route takes: not UTF-8, not one JSON object, a key twice.",
    401: "The signature, the secret or the time is wrong.",
    403: "The caller has no IAM rights for this. This answer is the HTTP API's own.",
    404: "There is no such thing.",
    409: "Something else stands in its way.",
    410: "It was there, and its time is over.",
    413: "The body is larger than 1 MB.",
    415: "The body is of another media type.",
    422: "Well-formed, but not acceptable: `fields` names what and why.",
    429: "Too many requests. This answer is the HTTP API's own.",
    500: "Our fault, or our operator's; it has been recorded.",
    503: "Send it again, not before `Retry-After` seconds.",
}
_PAGE: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}}
_THE_GATEWAYS_OWN = (403, 429)

TAGS = {
    "surveys": "What is asked.",
    "sources": "Where triggers come from.",
    "channels": "How invitations travel.",
    "sinks": "Where answers go.",
    "asking": "By hand, and why or why not.",
    "passing on": "Trying a sink, and trying again.",
    "knowing": "Reports and past answers.",
    "persons": "Export and erasure.",
    "public": "What helpdesks, providers and customers call.",
}

PARAMETERS = {
    "id": "The object's id; of an answer, its invitation's; a contact's identity.",
    "survey": "A survey's id.",
    "sink": "A sink's id.",
    "source": "A source's id, or `manual`.",
    "channel": "A channel's id.",
    "event_id": "The sender's id of the event.",
    "date": "A day of the period, YYYY-MM-DD.",
    "token": "What stands in the link.",
}

READ_ONLY: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "pattern": NAME, "readOnly": True},
    "version": {"type": "integer", "readOnly": True, "description": "Grows by one with every change."},
    "warnings": {"type": "array", "items": {"type": "string"}, "readOnly": True, "description": "Accepted, but not working yet."},
}
ROTATION: dict[str, dict[str, Any]] = {
    "keep_previous_hours": {
        "type": "number",
        "minimum": 0,
        "maximum": 720,
        "default": 24,
        "writeOnly": True,
        "description": "How long a secret that is replaced stays valid.",
    },
    "previous_secret_valid_until": {"type": "string", "format": "date-time", "readOnly": True},
}

ABOUT = """\
Hearback asks customers how it went, keeps every answer, passes it on, and reports what the answers prove.

Routes under `/admin` need IAM rights (SigV4, service `execute-api`). Every error has the same form, and names single
fields where they are to blame. Every PUT and DELETE may be repeated, and every POST that carries an `id` as well.
"""


def openapi_document(families: Mapping[str, Family], version: str) -> dict[str, Any]:
    components = _Components()
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, components)
    components.add("Error", responses.Error)
    _add_configuration(components, families)
    _add_public(components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hearback",
            "version": version,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.schemas.items())),
            "responses": {str(status): _error(status, text) for status, text in ERRORS.items()},
            "securitySchemes": {
                "sigv4": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                    "description": "AWS Signature Version 4, service `execute-api`.",
                }
            },
        },
    }


def as_bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


class _Components:
    """Schemas by name. A name stands for one schema only."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}

    def add(self, name: str, model: type[BaseModel]) -> dict[str, Any]:
        schema = model.model_json_schema(ref_template=REF + "{model}")
        for inner, found in schema.pop("$defs", {}).items():
            self.put(inner, found)
        return self.put(name, schema)

    def put(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        plain: dict[str, Any] = _without_titles(schema)
        if self.schemas.setdefault(name, plain) != plain:
            raise ValueError(f"two schemas are called {name}")
        return plain

    def ref(self, schema: Schema) -> dict[str, Any]:
        if isinstance(schema, str):
            return {"$ref": REF + schema}
        self.add(schema.__name__, schema)
        return {"$ref": REF + schema.__name__}


def _without_titles(schema: Any) -> Any:
    """Pydantic's titles say the names again. A property that is itself called title is a schema, and stays."""
    if isinstance(schema, dict):
        return {name: _without_titles(each) for name, each in schema.items() if not (name == "title" and isinstance(each, str))}
    return [_without_titles(each) for each in schema] if isinstance(schema, list) else schema


# --- operations -------------------------------------------------------------------------------------------------------------


def _operation(operation: Operation, components: _Components) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": operation.id, "tags": [operation.tag], "summary": operation.summary}
    if operation.description:
        described["description"] = operation.description
    if parameters := _parameters(operation):
        described["parameters"] = parameters
    if operation.takes:
        described["requestBody"] = _takes(operation.takes, components)
    said = {str(status): _says(each, components) for status, each in operation.answers.items()}
    described["responses"] = said | {str(status): _refuses(operation, status) for status in sorted(operation.errors)}
    if operation.admin:
        described["security"] = [{"sigv4": []}]
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "description": PARAMETERS[name], "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    in_query = [
        {"name": name, "in": "query", "description": operation.query_meaning[name], "schema": schema}
        for name, schema in operation.query.items()
    ]
    return in_path + in_query


def _takes(takes: Takes, components: _Components) -> dict[str, Any]:
    content = {media_type: {"schema": components.ref(schema)} for media_type, schema in takes.schemas.items()}
    if takes.example is not None:
        content["application/json"]["example"] = takes.example
    return {"required": takes.required, "content": content}


def _says(says: Says, components: _Components) -> dict[str, Any]:
    if says.schema is None and says.media_type == "application/json":
        return {"description": says.meaning}
    content = {says.media_type: {"schema": components.ref(says.schema) if says.schema else {"type": "string"}}}
    return {"description": says.meaning, "content": content | (_PAGE if says.or_page else {})}


def _refuses(operation: Operation, status: int) -> dict[str, Any]:
    if operation.shows_pages and status not in _THE_GATEWAYS_OWN:
        error = _error(status, ERRORS[status])
        return error | {"content": error["content"] | _PAGE}
    return {"$ref": f"#/components/responses/{status}"}


def _error(status: int, text: str) -> dict[str, Any]:
    schema = {"$ref": REF + ("GatewayError" if status in _THE_GATEWAYS_OWN else "Error")}
    described: dict[str, Any] = {"description": text, "content": {"application/json": {"schema": schema}}}
    if status == 503:  # noqa: PLR2004
        described["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return described


# --- components -------------------------------------------------------------------------------------------------------------


def _add_configuration(components: _Components, families: Mapping[str, Family]) -> None:
    survey = components.add("Survey", SurveyBody)
    survey["properties"] = {**READ_ONLY, **survey["properties"]}
    for family, kinds in families.items():
        component = FAMILIES[family]
        names = {kind: _add_kind(components, component, kind, kinds, rotates=family != "sinks") for kind in kinds.settings}
        components.put(
            component,
            {
                "oneOf": [{"$ref": REF + name} for name in names.values()],
                "discriminator": {"propertyName": "kind", "mapping": {kind: REF + name for kind, name in names.items()}},
                "examples": [EXAMPLES[family]],
            },
        )
    for component in FAMILIES.values():
        page = {"items": {"type": "array", "items": {"$ref": REF + component}}, "next": {"type": ["string", "null"]}}
        components.put(f"{component}Page", {"type": "object", "properties": page, "required": ["items", "next"]})


def _add_kind(components: _Components, component: str, kind: str, family: Family, *, rotates: bool) -> str:
    """`zendesk` of the sinks as ZendeskSink. A secret may be left out, or be "set", once one is stored."""
    name = "".join(part.capitalize() for part in kind.split("-")) + component
    schema = components.add(name, family.settings[kind])
    secrets = family.secret_fields[kind]
    for holder in (schema, *_credentials(components, schema)):
        _soften(holder, secrets)
    rotation = ROTATION if rotates and secrets else {}
    schema["properties"] = deepcopy({**READ_ONLY, **schema["properties"], **rotation})
    return name


def _credentials(components: _Components, schema: dict[str, Any]) -> list[dict[str, Any]]:
    ref = schema["properties"].get("credentials", {}).get("$ref")
    return [components.schemas[ref.removeprefix(REF)]] if ref else []


def _soften(schema: dict[str, Any], secrets: tuple[str, ...]) -> None:
    for name in secrets:
        if name in schema["properties"]:
            inner = schema["properties"][name]
            description = f'Secret: never shown again. "{SHOWN}", or left out, keeps the one that is stored.'
            schema["properties"][name] = {"anyOf": [inner, {"const": SHOWN}], "description": description}
    schema["required"] = [each for each in schema.get("required", []) if each not in secrets]


def _add_public(components: _Components) -> None:
    for model in (ConversationBody, ContactBody, AgentBody):
        components.add(model.__name__, model)
    data = {
        "conversation": {"$ref": REF + "ConversationBody"},
        "contact": {"$ref": REF + "ContactBody"},
        "agent": {"$ref": REF + "AgentBody"},
        "survey": {"type": "string", "description": "Instead of the source's."},
    }
    kinds = ["conversation.closed", "conversation.reopened", "survey.requested"]
    components.put(
        "StandardTrigger",
        {
            "description": "The body of a source of kind `standard`; other kinds send their vendor's own.",
            "type": "object",
            "properties": {
                "type": {"enum": kinds},
                "timestamp": {"type": "string", "format": "date-time"},
                "data": {"type": "object", "properties": data, "additionalProperties": False},
            },
            "required": ["type", "timestamp", "data"],
            "examples": [STANDARD_EXAMPLE],
        },
    )
    details = {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}}
    rating, proof = {"type": "integer"}, {"type": "string", "description": "What the page gave; without it an answer goes into quarantine."}
    answer = {
        "rating": rating,
        "details": {**details, "description": "A follow-up's id to its text, or to the ids ticked."},
        "proof": proof,
    }
    components.put("AnswerBody", {"type": "object", "properties": answer, "required": ["rating"], "additionalProperties": False})
    components.put(
        "AnswerForm", {"type": "object", "properties": {"rating": rating, "proof": proof}, "description": "Follow-ups as `details.{id}`."}
    )
    components.put(
        "OptOutForm", {"type": "object", "properties": {"List-Unsubscribe": {"const": "One-Click"}}, "required": ["List-Unsubscribe"]}
    )
    components.put("AnyObject", {"type": "object"})
    components.put("GatewayError", {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]})


STANDARD_EXAMPLE = {
    "type": "conversation.closed",
    "timestamp": "2026-11-21T20:00:00Z",
    "data": {
        "conversation": {
            "id": "42",
            "channel": "whatsapp",
            "subject": "A broken kettle",
            "tags": ["kitchen"],
            "attributes": {"product": "K2"},
        },
        "contact": {"id": "7", "name": "Ada", "email": "ada@example.com", "language": "en", "addresses": {"whatsapp": "4930123456"}},
        "agent": {"id": "3", "name": "Grace", "team": "Kitchenware"},
    },
}
