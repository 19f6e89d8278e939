"""Every error that the system raises on purpose, in four branches by who must act.

    HearbackError
    ├── Rejected        the sender must change something   (422; a leaf may refine)
    │   ├── Malformed       400  the bytes are not what the route takes
    │   ├── Unverified      401  signature, secret or time is wrong
    │   ├── NotFound        404  no such thing
    │   ├── Conflict        409  something else stands in its way
    │   ├── Gone            410  it existed, and its time is over
    │   ├── TooLarge        413  more bytes than the route takes
    │   ├── WrongMediaType  415  another kind of body than the route takes
    │   └── Invalid         422  well-formed, but not acceptable; names the fields
    ├── Duplicate       it was done before                 (200)
    ├── Unavailable     try again later                    (503)
    └── Misconfigured   the operator must act              (500)

Messages are shown to senders and written to logs: they never carry an address, a token or a comment.
"""

from __future__ import annotations


class HearbackError(Exception):
    """Base of the tree; never raised itself."""

    code: str = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class Rejected(HearbackError):  # noqa: N818 - named by who must act
    code = "rejected"


class Malformed(Rejected):
    code = "malformed"


class Unverified(Rejected):
    code = "unverified"


class NotFound(Rejected):
    code = "not_found"


class Conflict(Rejected):
    code = "conflict"


class Gone(Rejected):
    code = "gone"


class TooLarge(Rejected):
    code = "too_large"


class WrongMediaType(Rejected):
    code = "wrong_media_type"


class Invalid(Rejected):
    """Well-formed but not acceptable. `fields` maps a field's path ("scale.min") to what is wrong with it."""

    code = "invalid"

    def __init__(self, message: str, *, fields: dict[str, str] | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.fields = fields or {}


class Duplicate(HearbackError):  # noqa: N818 - as above
    code = "duplicate"


class Unavailable(HearbackError):  # noqa: N818 - as above
    """Try again later; `retry_after` is in seconds."""

    code = "unavailable"

    def __init__(self, message: str, *, retry_after: int = 5, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class Misconfigured(HearbackError):  # noqa: N818 - as above
    code = "misconfigured"
