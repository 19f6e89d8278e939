"""The table as template.yaml defines it, for engines that have no CloudFormation: the tests cannot drift from what is deployed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
_WHAT_ENGINES_NEED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


class _CloudFormation(yaml.SafeLoader):  # type: ignore[misc]
    """Reads !Ref and its kind as what stands behind them; no property of the table that we take uses one."""


def _behind_the_tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


_CloudFormation.add_multi_constructor("!", _behind_the_tag)


@cache
def resources() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _CloudFormation)["Resources"]
    return found


@cache
def definition() -> dict[str, Any]:
    """Arguments for CreateTable, all but the name."""
    (table,) = [each["Properties"] for each in resources().values() if each["Type"] == "AWS::DynamoDB::Table"]
    return {name: table[name] for name in _WHAT_ENGINES_NEED}
