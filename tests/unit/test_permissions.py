"""Promises of the roles: each function may do what the stories need, and whatever more it may do has a reason that stands here."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from tests.permissions import Call, Right, kept, rights, unused

UNUSED: dict[tuple[str, str, str], str] = {
    ("*", "logs:*", "*"): "Lambda writes the function's log in the function's name; the local engine does not",
    ("*", "sqs:ReceiveMessage", "*"): "Lambda empties the function's queue in the function's name; the local engine does not ask",
    ("*", "sqs:DeleteMessage", "*"): "as sqs:ReceiveMessage",
    ("*", "sqs:GetQueueAttributes", "*"): "as sqs:ReceiveMessage",
    ("ForwardFanout", "dynamodb:*", "*"): "Lambda reads the table's stream in the function's name",
    ("*", "sqs:SendMessage", "${*Failures.Arn}"): "Lambda puts there what it gave up, in the function's name",
    ("*", "ses:Send*", "*"): "the local cloud's mails go to a stub of SES, which asks for no rights",
    ("AdminApi", "dynamodb:Query", "${Table.Arn}/index/by_answered"): "a replay of whole days looks there; the stories replay one answer",
    ("AnswerImport", "s3:ListBucket", "${Bucket.Arn}"): "without it a file that is not there would be a 403 and not a 404",
    ("PublishedScore", "s3:ListBucket", "${Bucket.Arn}"): "as AnswerImport's",
    ("AnswerImport", "sqs:SendMessage", "${ImportQueue.Arn}"): "a file that takes longer than one run goes on in another",
    ("Erasure", "sqs:SendMessage", "${ErasureQueue.Arn}"): "a search that takes longer than one run goes on in another",
    ("Erasure", "ssm:PutParameter", "*"): "whoever needs the ledger's key first draws it; in the stories that is AdminApi",
    ("Erasure", "s3:DeleteObject*", "${Bucket.Arn}/parts/*"): "there is something only after a day that was counted in parts",
    ("Erasure", "s3:DeleteObject*", "${Bucket.Arn}/athena/*"): "there is something only after a query in Athena",
    ("NightlyScoring", "s3:DeleteObject", "${Bucket.Arn}/lake/*"): "a day that has lost all of its answers has no file any more",
    ("PartCounting", "s3:DeleteObject", "${Bucket.Arn}/lake/*"): "as NightlyScoring's",
}
"""(function, action, resource) with `*` for anything, to the reason why no story uses it and it is still given."""


def reason(right: Right) -> str | None:
    asked = (right.function, right.action, right.resource)
    return next((why for named, why in UNUSED.items() if all(map(fnmatchcase, asked, named))), None)


def test_every_call_that_a_story_made_is_allowed_by_its_own_function_s_role() -> None:
    assert [call for call in kept() if not any(right.allows(call) for right in rights())] == []


def test_without_its_role_a_function_may_do_nothing_and_with_another_s_no_more_than_that() -> None:
    for call in kept():
        others = [right for right in rights() if right.function != call.function]
        assert not any(right.allows(call) for right in others)


def test_every_function_that_speaks_to_aws_was_seen_doing_so() -> None:
    assert {right.function for right in rights() if not right.action.startswith("logs:")} == {call.function for call in kept()}


def test_every_right_that_no_story_uses_has_a_reason() -> None:
    assert [right for right in unused(rights(), kept()) if reason(right) is None] == []


def test_no_reason_stands_here_for_nothing() -> None:
    never = unused(rights(), kept())
    for named in UNUSED:
        assert any(all(map(fnmatchcase, (right.function, right.action, right.resource), named)) for right in never), named


READ = Right("F", "s3:GetObject", "${Bucket.Arn}/reports/*")
WRITE = Right("F", "dynamodb:UpdateItem", "${Table.Arn}", {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["INV#*"]}})
LOOK = Right("F", "s3:ListBucket", "${Bucket.Arn}", {"StringLikeIfExists": {"s3:prefix": ["reports/*"]}})
LIST = Right("F", "s3:ListBucket", "${Bucket.Arn}", {"StringLike": {"s3:prefix": ["reports/*"]}})


@pytest.mark.parametrize(
    ("right", "call", "allowed"),
    [
        (READ, Call("F", "s3:GetObject", "${Bucket.Arn}/reports/*"), True),
        (READ, Call("F", "s3:GetObject", "${Bucket.Arn}/imports/*"), False),
        (READ, Call("F", "s3:PutObject", "${Bucket.Arn}/reports/*"), False),
        (READ, Call("G", "s3:GetObject", "${Bucket.Arn}/reports/*"), False),
        (WRITE, Call("F", "dynamodb:UpdateItem", "${Table.Arn}", ("INV#*",)), True),
        (WRITE, Call("F", "dynamodb:UpdateItem", "${Table.Arn}", ("INV#*", "PERSON#*")), False),
        (WRITE, Call("F", "dynamodb:UpdateItem", "${Table.Arn}/index/due", ("INV#*",)), False),
        (LIST, Call("F", "s3:ListBucket", "${Bucket.Arn}", prefix="reports/*"), True),
        (LIST, Call("F", "s3:ListBucket", "${Bucket.Arn}"), False),
        (LOOK, Call("F", "s3:ListBucket", "${Bucket.Arn}", prefix="reports/*"), True),
        (LOOK, Call("F", "s3:ListBucket", "${Bucket.Arn}", prefix="lake/*"), False),
        (LOOK, Call("F", "s3:ListBucket", "${Bucket.Arn}"), True),
    ],
)
def test_a_right_allows_what_it_says_and_nothing_else(right: Right, call: Call, *, allowed: bool) -> None:
    assert right.allows(call) is allowed
