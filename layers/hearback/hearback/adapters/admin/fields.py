"""What the bodies share: strictness, and the fields that appear in several of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hearback.domain.ids import ID_PATTERN

HOUR = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
NAME = f"^{ID_PATTERN.pattern}$"
EMAIL = r"^[^@\s]{1,64}@[^@\s]{1,255}$"
OBJECT = r"^imports/[^\x00-\x1f\x7f]{1,900}$"
EVENT_ID = r"^[^\x00-\x1f\x7f]{1,200}$"


def or_empty(pattern: str) -> str:
    return f"^({pattern.removeprefix('^').removesuffix('$')})?$"


PATTERN_WORDS = {
    HOUR: "must be a time of day such as 21:00",
    LANGUAGE: "must be a language tag such as en or zh-Hant",
    NAME: "must be 1 to 40 of a-z, 0-9, - and _, beginning with a letter or digit",
    or_empty(LANGUAGE): "must be a language tag such as en or zh-Hant",
    EMAIL: "must be an e-mail address",
    or_empty(EMAIL): "must be an e-mail address",
    OBJECT: "must be the key of an object under imports/",
    EVENT_ID: "must be 1 to 200 characters, none of them a control character",
}
"""What a mismatch is called: nobody should have to read a regular expression."""

Language = Annotated[str, Field(pattern=LANGUAGE, description="A BCP 47 language tag, such as `en` or `zh-Hant`.")]
Name = Annotated[str, Field(pattern=NAME)]
Words = Annotated[dict[Language, Annotated[str, Field(min_length=1, max_length=500)]], Field(min_length=1, max_length=60)]


class Body(BaseModel):
    """Strict: "4" is not 4, and a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, allow_inf_nan=False)
