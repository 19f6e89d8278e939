"""What each function may do, and what it was seen to do: the template's policies beside the calls of the e2e stories.

python -m tests.permissions           compares the last e2e run (.local/calls) with the template, says what was never used
python -m tests.permissions --keep    keeps what was seen in permissions.json, which the unit tests hold against the template
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.stack_template import ROOT, as_list, of_type, statements

KEPT = Path(__file__).with_name("permissions.json")
SEEN = ROOT / ".local" / "calls"
STACK = "hearback"
ONE_RIGHT = {"sqs:SendMessageBatch": "sqs:SendMessage", "sqs:DeleteMessageBatch": "sqs:DeleteMessage"}
"""The engine asks for rights that AWS does not know (tests/local/stack.py allows them)."""


@dataclass(frozen=True, order=True)
class Call:
    """`resource` as the template writes it, with what differs from call to call as `*`; `keys` are the partition keys that the
    request named, `prefix` is what it asked a bucket to list.
    """

    function: str
    action: str
    resource: str
    keys: tuple[str, ...] = ()
    prefix: str = ""

    @staticmethod
    def of(plain: dict[str, Any]) -> Call:
        return Call(plain["function"], plain["action"], plain["resource"], tuple(plain.get("keys", ())), plain.get("prefix", ""))

    def plain(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, order=True)
class Right:
    """One action on one resource that a function's role is given."""

    function: str
    action: str
    resource: str
    condition: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    def allows(self, call: Call) -> bool:
        here = (call.function, call.action) == (self.function, self.action)
        return here and fnmatchcase(call.resource, _literal(self.resource)) and all(_holds(*each, call) for each in self.condition.items())


def rights() -> list[Right]:
    """All that the template gives to functions."""
    functions = of_type("AWS::Lambda::Function")
    roles = {name.removesuffix("Role"): role for name, role in of_type("AWS::IAM::Role").items()}
    return [right for name in sorted(functions) for right in _of_role(name, roles[name])]


def _of_role(function: str, role: dict[str, Any]) -> Iterator[Right]:
    for statement in statements(role):
        for action in as_list(statement["Action"]):
            for resource in as_list(statement["Resource"]):
                yield Right(function, action, spelled(resource), statement.get("Condition", {}))


def spelled(resource: Any) -> str:
    """A resource of the template as one text: {"Fn::GetAtt": ["Table", "Arn"]} is ${Table.Arn}."""
    match resource:
        case str():
            return resource
        case {"Fn::Sub": str(text)}:
            return text
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
    raise ValueError(f"a resource is spelled in a new way: {resource}")


def _literal(pattern: str) -> str:
    """For fnmatch: only `*` is special."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _holds(operator: str, wanted: dict[str, Any], call: Call) -> bool:
    """The conditions that the template uses; of an empty set everything is true, as in IAM."""
    given = {"dynamodb:LeadingKeys": call.keys, "s3:prefix": (call.prefix,)}
    for name, patterns in wanted.items():
        match operator:
            case "StringLikeIfExists" if not any(given[name]):
                held = True
            case "ForAllValues:StringLike" | "StringLike" | "StringLikeIfExists":
                held = all(any(fnmatchcase(each, _literal(pattern)) for pattern in as_list(patterns)) for each in given[name])
            case "ForAllValues:StringEquals":
                held = all(each in as_list(patterns) for each in given[name])
            case _:
                raise ValueError(f"the template uses a new condition: {operator}")
        if not held:
            return False
    return True


# --- what was seen ----------------------------------------------------------------------------------------------------------


def kept() -> list[Call]:
    return [Call.of(plain) for plain in json.loads(KEPT.read_text(encoding="utf-8"))]


def keep_calls(state: Path) -> None:
    """What the functions of a local cloud that has stopped had asked AWS for."""
    calls = state / "engine" / "calls.jsonl"
    if calls.exists():
        SEEN.mkdir(parents=True, exist_ok=True)
        shutil.copy(calls, SEEN / f"{state.parent.name}-{state.name}.jsonl")


def seen(folder: Path = SEEN) -> tuple[set[Call], set[Call]]:
    """(What was allowed, what was refused) in all runs of this folder."""
    allowed: set[Call] = set()
    refused: set[Call] = set()
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            noted = json.loads(line)
            (allowed if noted["decision"] == "Allow" else refused).add(_call(noted))
    return allowed, refused


def _call(noted: dict[str, Any]) -> Call:
    function = re.sub(rf"^.*:assumed-role/{STACK}-(\w+?)Role-.*$", r"\1", noted["principal"])
    action = ONE_RIGHT.get(noted["action"], noted["action"])
    prefix = re.sub(r"/.*", "/*", noted["prefix"])
    return Call(function, action, templated(noted["resource"]), tuple(noted["keys"]), prefix)


def templated(arn: str) -> str:
    """A real ARN as the template names it."""
    _, _, service, _, _, name = arn.split(":", 5)
    if service == "ssm":
        family = name.removeprefix(f"parameter/{STACK}/").split("/")[0]
        return f"arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/${{AWS::StackName}}/{family}/*"
    if service == "states":
        return f"arn:${{AWS::Partition}}:states:${{AWS::Region}}:${{AWS::AccountId}}:stateMachine:{name.split(':')[1]}".replace(
            f":{STACK}-", ":${AWS::StackName}-"
        )
    named = re.match(rf"(?:table/)?{STACK}-(\w+?)-[\w]+(?=$|/)(.*)", name, re.IGNORECASE)
    if not named:
        return arn
    logical = next((each for each in _resources() if each.lower() == named[1].lower()), named[1])
    return f"${{{logical}.Arn}}" + re.sub(r"^(/(?!index/)(?:erasures/)?[^/]+)/.*", r"\1/*", named[2])


def _resources() -> Iterable[str]:
    return [name for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue") for name in of_type(kind)]


# --- the comparison -----------------------------------------------------------------------------------------------------------


def unused(given: Iterable[Right], calls: Iterable[Call]) -> list[Right]:
    there = list(calls)
    return [right for right in given if not any(right.allows(call) for call in there)]


def main() -> int:
    allowed, refused = seen()
    if not allowed:
        print("No e2e run has been noted: `make test SELECT=tests/e2e` first.")
        return 1
    given = rights()
    strange = sorted(call for call in allowed if not any(right.allows(call) for right in given))
    for title, calls in (("refused by the engine", refused), ("allowed by the engine, not by the template", strange)):
        for call in sorted(calls):
            print(f"{title}: {call}")
    never = unused(given, allowed)
    print(f"{len(allowed)} different calls seen, {len(given)} rights given, {len(never)} of them never used:")
    for right in never:
        print(f"  {right.function:16} {right.action:28} {right.resource}")
    if "--keep" in sys.argv:
        KEPT.write_text(json.dumps([call.plain() for call in sorted(allowed)], indent=1) + "\n", encoding="utf-8")
        print(f"kept in {KEPT.relative_to(ROOT)}")
    return 1 if refused or strange else 0


if __name__ == "__main__":
    sys.exit(main())
