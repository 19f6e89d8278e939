"""Jinja2 as templates here use it. Loaded by hearback.domain.templates only, and only for a text that has something to fill in.

Beyond Jinja2's own sandbox: loops share a budget, no operation makes a text longer than the cap, and nothing can be
defined, included or imported.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import quote

from jinja2 import ChainableUndefined, StrictUndefined, TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context

from hearback.domain.errors import Invalid
from hearback.domain.json_object import whole_text
from hearback.domain.templates import LONGEST_RESULT, OPEN

LOOP_BUDGET = 10_000
"""Rounds of all loops of one rendering together."""

_BUDGET = "_rounds_left"
_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby", "int", "items", "last"),
    *("length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "round", "select", "selectattr", "sort"),
    *("string", "sum", "title", "trim", "truncate", "unique", "upper", "urlencode", "wordcount"),
)
_METHODS = frozenset(
    {"capitalize", "casefold", "count", "endswith", "find", "get", "index", "isalnum", "isalpha", "isdigit", "items", "keys"}
    | {"lower", "lstrip", "removeprefix", "removesuffix", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip"}
    | {"title", "upper", "values"}
)
_ONLY = "only values, conditions and loops are known here"
_FAILURES = (TemplateError, ArithmeticError, AttributeError, LookupError, RecursionError, SyntaxError, TypeError, ValueError)


class _Json(str):
    """Is JSON already: what the filter `tojson` gives."""

    __slots__ = ()


class _Documented(dict[str, Any]):
    """One of the documented objects: a name it lacks is an error. In any other map it is empty."""


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, flavour: str) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, cache_size=0)
        self.flavour = flavour
        self.globals.clear()
        self.filters = {name: _capped(FILTERS[name]) for name in _FILTERS}
        self.filters |= {"join": _join, "replace": _replace, "tojson": _tojson, "_budgeted": _budgeted, "_joined": _joined}
        self.filters |= {
            "_text": _encoded(_text),
            "_url": _encoded(_url),
            "_string": _encoded(_inside_string),
            "_value": _encoded(_json_value),
        }

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(nodes.For):
            if loop.recursive:
                raise TemplateSyntaxError("a loop must not be recursive", loop.lineno)
            loop.iter = _filtered(loop.iter, "_budgeted")
        _place_values(tree.body, self.flavour, inside=False)
        _bound_concatenation(tree)
        tree.set_environment(self)
        return tree

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return (attr in _METHODS or not callable(value)) and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Jinja2 lets `format` through in a form of its own; here it is refused with the other methods."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What is in a map comes before the map's own methods: an attribute may be called "items" or "count"."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self._absent(obj, attribute)
        return _nothing(attribute) if _is_nothing(obj) else super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping) and isinstance(argument, str):
            return obj[argument] if argument in obj else self._absent(obj, argument)
        return _nothing(str(argument)) if _is_nothing(obj) else super().getitem(obj, argument)

    def _absent(self, obj: Mapping[str, Any], name: str) -> Any:
        if name in _METHODS and hasattr(obj, name):
            return super().getattr(obj, name)
        return StrictUndefined(hint=f"{name!r} is not known here") if isinstance(obj, _Documented) else _nothing(name)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        """Only numbers are multiplied: "a" * 10**9 and "%999999999d" % 1 would fill the memory."""
        if operator == "+" and isinstance(left, str | list) and isinstance(right, str | list):
            _check_length(len(left) + len(right))
        elif operator == "**" or not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise SecurityError(f"{operator} cannot be used here")
        return self.binop_table[operator](left, right)


def _nothing(name: str) -> ChainableUndefined:
    """What an open map lacks, and whatever a template looks for below that: empty."""
    return ChainableUndefined(name=name)


def _is_nothing(value: Any) -> bool:
    return value is None or isinstance(value, ChainableUndefined)


def render(flavour: str, template: str, variables: Mapping[str, Any]) -> str:
    named = {name: _Documented(value) if isinstance(value, Mapping) else value for name, value in variables.items()}
    pieces, length = [], 0
    try:
        for piece in _compiled(flavour, template).generate({**named, _BUDGET: itertools.count(1)}):
            length += len(piece)
            if length > LONGEST_RESULT:
                raise Invalid(f"the template gives more than {LONGEST_RESULT} characters")
            pieces.append(piece)
    except _FAILURES as error:
        raise Invalid(f"the template could not be filled in: {_reason(error)}") from error
    return whole_text("".join(pieces))


def check(template: str, allowed: Mapping[str, Any], *, as_json: bool) -> None:
    flavour = "json" if as_json else "text"
    try:
        _compiled(flavour, template)
        tree = ImmutableSandboxedEnvironment().parse(template)
    except _FAILURES as error:
        raise Invalid(f"not a template: {_reason(error)}") from error
    local = {each.name for each in tree.find_all(nodes.Name) if each.ctx == "store"} | {"loop"}
    if unknown := next(_unknown(tree, allowed, local), None):
        raise Invalid(f"{unknown} is not a variable that is known here")
    if as_json:
        _check_gives_json(template, allowed)


@lru_cache(maxsize=256)
def _compiled(flavour: str, template: str) -> Any:
    return _environment(flavour).from_string(template)


@lru_cache(maxsize=8)
def _environment(flavour: str) -> _Sandbox:
    return _Sandbox(flavour)


# --- checking -----------------------------------------------------------------------------------------------------------------


def _unknown(node: nodes.Node, allowed: Mapping[str, Any], local: set[str]) -> Iterator[str]:
    """Every dotted name in the template that leads nowhere."""
    path = _path(node)
    if path is None:
        for child in node.iter_child_nodes():
            yield from _unknown(child, allowed, local)
        return
    if path[0] in local:
        return
    known: Any = allowed
    for place, name in enumerate(path):
        if known is OPEN or known is None:
            return
        if name not in known:
            yield ".".join(path[: place + 1])
            return
        known = known[name]


def _path(node: nodes.Node) -> list[str] | None:
    """The names of `a.b["c"]`; None for anything that does not begin with a plain variable."""
    if isinstance(node, nodes.Name):
        return [node.name]
    if isinstance(node, nodes.Getattr):
        inner, name = _path(node.node), node.attr
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        inner, name = _path(node.node), node.arg.value
    else:
        return None
    return None if inner is None else [*inner, name]


def _check_gives_json(template: str, allowed: Mapping[str, Any]) -> None:
    """Fill it in with sample values: what is JSON with them is JSON with others, since every value is encoded."""
    try:
        rendered = render("json", template, _sample(allowed))
    except Invalid:
        return  # the samples have not the kinds that this template works with; each rendering is judged by itself
    try:
        json.loads(rendered)
    except ValueError as error:
        raise Invalid(f"the template does not give JSON: {error}") from None


def _sample(allowed: Mapping[str, Any]) -> dict[str, Any]:
    lists = {"tags": ["sample"], "reasons": ["sample"], "rating": 1, "version": 1, "satisfied": True}
    return {name: _sample(inner) if isinstance(inner, Mapping) else lists.get(name, "sample") for name, inner in allowed.items()}


def _reason(error: BaseException) -> str:
    """What may be shown: Jinja2's own words name variables and places, never values; of other errors only the kind."""
    return str(error.message or type(error).__name__) if isinstance(error, TemplateError) else type(error).__name__


# --- where a value stands decides how it is written ---------------------------------------------------------------------------------


def _place_values(body: list[nodes.Node], flavour: str, *, inside: bool) -> bool:
    """Give every `{{ ... }}` its encoding. `inside`: whether a JSON string is open here; the answer: whether one is after it."""
    for node in body:
        if isinstance(node, nodes.Output):
            inside = _place_output(node, flavour, inside=inside)
        elif isinstance(node, nodes.If | nodes.For):
            branches = [node.body, node.else_, *(each.body for each in getattr(node, "elif_", ()))]
            after = {_place_values(each, flavour, inside=inside) for each in branches}
            if len(after) > 1:
                raise TemplateSyntaxError("a condition or loop must end inside a JSON string just where it began inside one", node.lineno)
            inside = after.pop()
        else:
            raise TemplateSyntaxError(_ONLY, node.lineno)
    return inside


def _place_output(node: nodes.Output, flavour: str, *, inside: bool) -> bool:
    encodings = {"text": "_text", "url": "_url", "json": "_string" if inside else "_value"}
    for place, each in enumerate(node.nodes):
        if not isinstance(each, nodes.TemplateData):
            node.nodes[place] = _filtered(each, encodings[flavour])
        elif flavour == "json":
            inside = _string_open_after(each, inside=inside)
            encodings["json"] = "_string" if inside else "_value"
    return inside


def _string_open_after(piece: nodes.TemplateData, *, inside: bool) -> bool:
    escaped = False
    for each in piece.data:
        if inside and not escaped and each == "\\":
            escaped = True
            continue
        if each == '"' and not escaped:
            inside = not inside
        escaped = False
    if escaped:
        raise TemplateSyntaxError("a value must not follow a lone backslash", piece.lineno)
    return inside


def _bound_concatenation(tree: nodes.Template) -> None:
    """`a ~ b` is done by a filter that knows the cap."""
    for parent in [tree, *tree.find_all(nodes.Node)]:
        for name, value in list(parent.iter_fields()):
            if isinstance(value, nodes.Concat):
                setattr(parent, name, _filtered(nodes.List(value.nodes), "_joined"))
            elif isinstance(value, list):
                value[:] = [_filtered(nodes.List(each.nodes), "_joined") if isinstance(each, nodes.Concat) else each for each in value]


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    filtered: nodes.Filter = nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
    return filtered


# --- filters --------------------------------------------------------------------------------------------------------------------


@pass_context
def _budgeted(context: Context, value: Iterable[Any]) -> Iterator[Any]:
    rounds = context[_BUDGET]
    for each in value:
        if next(rounds) > LOOP_BUDGET:
            raise SecurityError(f"the loops take more than {LOOP_BUDGET} rounds")
        yield each


def _capped(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        _check_length(len(found) if isinstance(found, str) else 0)
        return found

    return bounded


def _join(value: Iterable[Any], between: str = "", attribute: str | None = None) -> str:
    """As Jinja2's, counting before it joins."""
    items = [each[attribute] if attribute is not None else each for each in value]
    texts = [_text(each) for each in items]
    _check_length(sum(map(len, texts)) + len(texts) * len(between))
    return str(between).join(texts)


def _joined(value: list[Any]) -> str:
    return _join([_defined(each) for each in value])


def _replace(value: Any, old: str, new: str, count: int | None = None) -> str:
    text = _text(_defined(value))
    _check_length(len(text) + text.count(str(old)) * len(str(new)))
    return text.replace(str(old), str(new), -1 if count is None else count)


def _tojson(value: Any) -> _Json:
    return _Json(_json_value(_defined(value)))


def _check_length(length: int) -> None:
    if length > LONGEST_RESULT:
        raise SecurityError(f"a text grows beyond {LONGEST_RESULT} characters")


# --- values as texts ----------------------------------------------------------------------------------------------------------


def _encoded(encode: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: encode(_defined(value))


def _defined(value: Any) -> Any:
    """None for what an open map lacks; any other undefined name raises."""
    if isinstance(value, ChainableUndefined):
        return None
    if isinstance(value, Undefined):
        str(value)
    return value


def _text(value: Any) -> str:
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _url(value: Any) -> str:
    return quote(_text(value), safe="")


def _inside_string(value: Any) -> str:
    return json.dumps(_text(value))[1:-1]


def _json_value(value: Any) -> str:
    return str(value) if isinstance(value, _Json) else json.dumps(_plain(value))


def _plain(value: Any) -> Any:
    """The value in JSON's kinds: what knows no other way becomes a text, a number that JSON lacks becomes null."""
    if isinstance(value, str):
        return whole_text(str(value))
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_text(name): _plain(_defined(each)) for name, each in value.items()}
    return [_plain(_defined(each)) for each in value] if isinstance(value, Iterable) else whole_text(str(value))
