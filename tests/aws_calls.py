"""What code asks of AWS, read from its source: the methods that it calls, and the services that it makes clients of."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def called(folders: list[Path]) -> set[str]:
    """Whatever is called as a method of something, and whatever is paged through."""
    return {name for call in _calls(folders) for name in _named(call)}


def clients_made(folders: list[Path]) -> set[str]:
    """The services of which botocore is asked for a client by name."""
    makers = [call for call in _calls(folders) if getattr(call.func, "attr", "") in ("client", "create_client") and call.args]
    return {str(call.args[0].value) for call in makers if isinstance(call.args[0], ast.Constant)}


def own_methods(folders: list[Path]) -> set[str]:
    return {node.name for node in _nodes(folders) if isinstance(node, ast.FunctionDef)}


def _named(call: ast.Call) -> Iterator[str]:
    if isinstance(call.func, ast.Attribute):
        yield call.func.attr
        if call.func.attr == "get_paginator":
            yield ast.literal_eval(call.args[0])


def _calls(folders: list[Path]) -> Iterator[ast.Call]:
    return (node for node in _nodes(folders) if isinstance(node, ast.Call))


def _nodes(folders: list[Path]) -> Iterator[ast.AST]:
    for folder in folders:
        for path in folder.rglob("*.py"):
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))
