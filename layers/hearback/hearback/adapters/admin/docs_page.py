"""The OpenAPI document as a page for people: one file, no script, nothing loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

REF = "#/components/schemas/"
SAMPLE_IDS = {"source": "manual", "event_id": "shop-4711", "channel": "whatsapp", "survey": "support", "sink": "crm", "date": "2026-11-20"}
_SAMPLE_OF_FAMILY = {"surveys": "support", "sources": "helpdesk", "channels": "whatsapp", "sinks": "crm", "imports": "20261121t200000-x"}

SIGNING = """\
API={address}
hearback() {{ curl --silent --show-error --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" \\
  --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-security-token: $AWS_SESSION_TOKEN" "$@"; }}"""


def docs_page(document: Mapping[str, Any], address: str) -> tuple[str, dict[str, str]]:
    """The page and its headers. `address` is where the API is, for the examples."""
    style = (Path(__file__).parent / "docs.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "public, max-age=300",
    }
    return _Page(document, address).html(style), headers


class _Page:
    def __init__(self, document: Mapping[str, Any], address: str) -> None:
        self.document, self.address = document, address
        self.schemas: dict[str, Any] = document["components"]["schemas"]

    def html(self, style: str) -> str:
        info = self.document["info"]
        by_tag = {tag["name"]: [each for each in self._operations() if each[2]["tags"] == [tag["name"]]] for tag in self.document["tags"]}
        tags = {tag["name"]: tag["description"] for tag in self.document["tags"]}
        sections = "".join(self._section(name, tags[name], operations) for name, operations in by_tag.items())
        schemas = "".join(self._schema(name, schema) for name, schema in self.schemas.items())
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
            f'<title>{escape(info["title"])} API</title><style>{style}</style></head><body><a class="skip" href="#main">Skip to content</a>'
            f'<div class="page">{_contents(by_tag)}<main id="main"><h1>{escape(info["title"])} API</h1>'
            f'<p class="quiet">Version {escape(info["version"])} · <a href="/openapi.json">OpenAPI document</a></p>'
            f"{_prose(info['description'])}"
            f"<h2>Calling /admin with curl</h2>{_code(SIGNING.format(address=self.address))}"
            '<p class="quiet">Against a local cloud nothing is signed: <code>hearback() { curl "$@"; }</code></p>'
            f'{sections}<section><h2 id="schemas">schemas</h2>{schemas}</section></main></div></body></html>'
        )

    def _operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [(method, path, each) for path, methods in self.document["paths"].items() for method, each in methods.items()]

    def _section(self, name: str, about: str, operations: Iterable[tuple[str, str, dict[str, Any]]]) -> str:
        articles = "".join(self._article(*each) for each in operations)
        return f'<section><h2 id="{_anchor(name)}">{escape(name)}</h2><p class="quiet">{escape(about)}</p>{articles}</section>'

    def _article(self, method: str, path: str, operation: Mapping[str, Any]) -> str:
        parts = [
            f'<article id="{operation["operationId"]}"><h3>{escape(operation["summary"])}</h3>',
            f'<p class="route"><span class="{method}">{method.upper()}</span><span>{escape(path)}</span></p>',
            _prose(operation.get("description", "")),
            self._parameters(operation.get("parameters", [])),
            self._body(operation.get("requestBody")),
            f"<h4>Example</h4>{_code(self._curl(method, path, operation))}",
            self._answers(operation["responses"]),
            "</article>",
        ]
        return "".join(parts)

    def _parameters(self, parameters: Iterable[Mapping[str, Any]]) -> str:
        rows = "".join(
            f"<dt>{escape(each['name'])} <i>in the {each['in']}, {self._described(each['schema'])}</i></dt>"
            f"<dd>{_inline(each['description'])}</dd>"
            for each in parameters
        )
        return f"<h4>Parameters</h4><dl>{rows}</dl>" if rows else ""

    def _body(self, body: Mapping[str, Any] | None) -> str:
        if not body:
            return ""
        kinds = "".join(
            f"<li><code>{escape(media)}</code> {self._type(each['schema'])}{'' if body['required'] else ', may be left out'}</li>"
            for media, each in body["content"].items()
        )
        return f"<h4>Body</h4><ul>{kinds}</ul>"

    def _answers(self, responses: Mapping[str, Any]) -> str:
        rows = []
        for status, each in responses.items():
            said = self.document["components"]["responses"][status] if "$ref" in each else each
            schemas = [self._type(content["schema"]) for content in said.get("content", {}).values()]
            rows.append(f"<dt>{status} <i>{' or '.join(schemas)}</i></dt><dd>{_inline(said['description'])}</dd>")
        return f"<details><summary>Answers: {', '.join(responses)}</summary><dl>{''.join(rows)}</dl></details>"

    def _curl(self, method: str, path: str, operation: Mapping[str, Any]) -> str:
        words = ["hearback" if "security" in operation else "curl"]
        if method != "get":
            words.append(f"-X {method.upper()}")
        words.append(f'"$API{_filled(path)}"')
        content = (operation.get("requestBody") or {}).get("content", {})
        example = content.get("application/json", {}).get("example")
        if example is not None:
            return f"{' '.join(words)} \\\n  --json {shlex.quote(json.dumps(example, ensure_ascii=False, indent=2))}"
        if "application/x-www-form-urlencoded" in content:
            words.append("-d List-Unsubscribe=One-Click")
        return " ".join(words)

    # --- schemas --------------------------------------------------------------------------------------------------------

    def _schema(self, name: str, schema: Mapping[str, Any]) -> str:
        about = _prose(schema.get("description", ""))
        properties = "".join(
            f"<dt>{escape(each)} <i>{self._described(of)}{self._need(each, schema, of)}</i></dt>"
            f"<dd>{_inline(of.get('description', ''))}</dd>"
            for each, of in schema.get("properties", {}).items()
        )
        shape = f"<dl>{properties}</dl>" if properties else f"<p>{self._type(schema)}{_bounds(schema)}</p>"
        example = "".join(
            _code(json.dumps(each, ensure_ascii=False, indent=2)) for each in schema.get("examples", []) if isinstance(each, dict)
        )
        return f'<article id="schema-{escape(name)}"><h3>{escape(name)}</h3>{about}{shape}{example}</article>'

    def _need(self, name: str, schema: Mapping[str, Any], of: Mapping[str, Any]) -> str:
        if of.get("readOnly"):
            return ", only shown"
        return ", required" if name in schema.get("required", []) else ""

    def _described(self, schema: Mapping[str, Any]) -> str:
        return self._type(schema) + _bounds(schema) + _default(schema)

    def _type(self, schema: Mapping[str, Any]) -> str:
        """A schema in a few words, with links to the schemas it names."""
        if "$ref" in schema:
            name = escape(schema["$ref"].removeprefix(REF))
            return f'<a href="#schema-{name}">{name}</a>'
        for several in ("oneOf", "anyOf"):
            if several in schema:
                return " or ".join(dict.fromkeys(self._type(each) for each in schema[several]))
        if "enum" in schema:
            return "one of " + ", ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"])
        if "const" in schema:
            return f"<code>{escape(json.dumps(schema['const']))}</code>"
        return self._plain_type(schema)

    def _plain_type(self, schema: Mapping[str, Any]) -> str:
        kind = schema.get("type", "anything")
        if isinstance(kind, list):
            return " or ".join(self._plain_type({**schema, "type": each}) for each in kind)
        if kind == "array":
            return f"list of {self._type(schema.get('items', {}))}"
        inner = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
        if kind == "object" and isinstance(inner, dict):
            return f"object of {self._type(inner)}"
        names = {"string": "text", "integer": "whole number", "boolean": "true or false"}
        return str(schema.get("format", names.get(kind, kind)))


def _contents(by_tag: Mapping[str, Iterable[tuple[str, str, Mapping[str, Any]]]]) -> str:
    groups = "".join(
        f'<h2><a href="#{_anchor(name)}">{escape(name)}</a></h2><ul>'
        + "".join(f'<li><a href="#{each["operationId"]}">{escape(each["summary"])}</a></li>' for _, _, each in operations)
        + "</ul>"
        for name, operations in by_tag.items()
    )
    groups += '<h2><a href="#schemas">schemas</a></h2>'
    return f'<nav aria-label="Contents"><details><summary>Contents</summary>{groups}</details></nav>'


def _filled(path: str) -> str:
    family = path.split("/")[2] if path.startswith("/admin/") else ""
    samples = {**SAMPLE_IDS, "id": _SAMPLE_OF_FAMILY.get(family, "support"), "token": "$TOKEN"}
    if path.startswith("/triggers"):
        samples["source"] = "helpdesk"
    return re.sub(r"\{(\w+)\}", lambda found: samples[found[1]], path)


def _bounds(schema: Mapping[str, Any]) -> str:
    said = []
    for at_least, at_most, of in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
    ):
        low, high = schema.get(at_least), schema.get(at_most)
        if low is not None and high is not None:
            said.append(f", {low} to {high}{of}")
        elif high is not None:
            said.append(f", at most {high}{of}")
    return "".join(said)


def _default(schema: Mapping[str, Any]) -> str:
    if schema.get("default") in (None, "", [], {}):
        return ""
    return f", default <code>{escape(json.dumps(schema['default'], ensure_ascii=False))}</code>"


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(each)}</p>" for each in text.split("\n\n") if each.strip())


def _inline(text: str) -> str:
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    return re.sub(r"\[([^\]]+)\]\((https://[^)\s\"]+)\)", r'<a href="\2">\1</a>', safe)


def _code(text: str) -> str:
    return f'<pre tabindex="0"><code>{escape(text, quote=False)}</code></pre>'


def _anchor(name: str) -> str:
    return "tag-" + name.replace(" ", "-")
