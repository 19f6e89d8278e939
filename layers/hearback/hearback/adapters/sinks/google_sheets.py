"""Google Sheets: one row an answer version, appended RAW, so that words beginning with = + - @ stay words.

The columns are written in their order, followed by one that holds the delivery's id (unless `id_header` is null): an append
is not idempotent, so after a try that was not answered the id is looked for before the row is written again. The headers
are for people: put them into the sheet's first row. The sheet must be shared with the service account's e-mail address.
Facts: developers.google.com/sheets/api/reference/rest and /identity/protocols/oauth2/service-account.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from hearback.adapters.sinks.replies import MASK, exchanged, judged, note_of
from hearback.domain.errors import Invalid
from hearback.domain.templates import render_value
from hearback.ports import (
    Delivered,
    Delivery,
    DeliveryResult,
    Http,
    HttpRequest,
    HttpResponse,
    NotForThisSink,
    RetryLater,
    Secret,
    Undeliverable,
)

SHEETS = "https://sheets.googleapis.com"
TOKENS = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/spreadsheets"
ID_HEADER = "Hearback id"
CELL_LIMIT = 50_000
LOOKED_BACK = 2_000
"""Rows from the end of the sheet among which a row is looked for that may have arrived."""

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE = timedelta(hours=1)
_EARLY = timedelta(minutes=5)
_TOKEN_SECONDS = 8.0
_UNAUTHORIZED = 401
_COLUMN = re.compile(r"!\$?([A-Za-z]{1,3})\$?\d*(?::|$)")


class GoogleSheets:
    kind: str = "google-sheets"
    secret_fields: tuple[str, ...] = ("service_account",)

    def __init__(self, http: Http, base_url_default: str = "") -> None:
        self._http = http
        self._base_url_default = base_url_default
        self._tokens: dict[tuple[str, str], tuple[str, datetime]] = {}

    def request(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret) -> HttpRequest | NotForThisSink:  # noqa: ARG002
        return self._append(settings, _row(delivery, settings), MASK)

    def deliver(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret, now: datetime) -> DeliveryResult:
        try:
            row, account = _row(delivery, settings), _account(secret)
        except Invalid as error:
            return Undeliverable(0, error.message)
        token = self._token(account, settings, now)
        if not isinstance(token, str):
            return token
        if delivery.after_silence and settings.get("id_header", ID_HEADER):
            found = self._already_there(delivery.id, len(row), settings, token, now)
            if found is not None:
                return found
        return self._appended(row, settings, token, now)

    def _appended(self, row: list[Any], settings: Mapping[str, Any], token: str, now: datetime) -> DeliveryResult:
        response = exchanged(self._http, self._append(settings, row, token), trusted=self._trusted(settings))
        if isinstance(response, RetryLater):
            return response
        if response.status == _UNAUTHORIZED:
            self._tokens.clear()
            return RetryLater(response.status, "Google refuses a token that it gave: another is asked for")
        if response.status >= 500:  # noqa: PLR2004
            return RetryLater(0, f"{response.status}: the row may have been written", response.retry_after(now), silence=True)
        result = judged(response, now, (token,))
        return Delivered(result.status, _updated_range(response) or result.note) if isinstance(result, Delivered) else result

    # --- requests --------------------------------------------------------------------------------------------------------

    def _append(self, settings: Mapping[str, Any], row: list[Any], token: str) -> HttpRequest:
        place = quote(_range(settings), safe="!:'$")
        query = urlencode({"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"})
        body = json.dumps({"values": [row]}).encode()
        return self._call("POST", f"{_sheet(settings)}/values/{place}:append?{query}", settings, token, body)

    def _call(self, method: str, path: str, settings: Mapping[str, Any], token: str, body: bytes = b"") -> HttpRequest:
        base = str(settings.get("base_url") or self._base_url_default or SHEETS).rstrip("/")
        headers = {"authorization": token if token == MASK else f"Bearer {token}", "accept": "application/json"}
        if body:
            headers["content-type"] = "application/json"
        return HttpRequest(method, f"{base}/v4/spreadsheets/{path}", headers, body)

    def _trusted(self, settings: Mapping[str, Any]) -> bool:
        return not settings.get("base_url")

    # --- after silence ---------------------------------------------------------------------------------------------------

    def _already_there(
        self, delivery_id: str, columns: int, settings: Mapping[str, Any], token: str, now: datetime
    ) -> DeliveryResult | None:
        """`Delivered` when the last rows hold the id, None when they certainly do not, else "ask again later"."""
        tab = _range(settings).partition("!")[0]
        shape = self._read(f"{_sheet(settings)}?fields=sheets.properties(title,gridProperties.rowCount)", settings, token, now)
        if not isinstance(shape, dict):
            return shape
        rows = _row_count(shape, tab)
        column = _column_name(_first_column(_range(settings)) + columns - 1)
        place = quote(f"{tab}!{column}{max(1, rows - LOOKED_BACK)}:{column}{max(1, rows)}", safe="!:'$")
        found = self._read(f"{_sheet(settings)}/values/{place}?majorDimension=COLUMNS", settings, token, now)
        if not isinstance(found, dict):
            return found
        held = [each for part in found.get("values") or [] if isinstance(part, list) for each in part]
        return Delivered(200, "the row of an earlier try is there") if delivery_id in held else None

    def _read(self, path: str, settings: Mapping[str, Any], token: str, now: datetime) -> dict[str, Any] | DeliveryResult:
        """What Google answers to a question. What it does not answer keeps the doubt: the next try asks again."""
        response = exchanged(self._http, self._call("GET", path, settings, token), trusted=self._trusted(settings))
        if isinstance(response, RetryLater):
            return RetryLater(0, response.note, silence=True)
        if response.status == 200 and (body := _object(response.body)) is not None:  # noqa: PLR2004
            return body
        judgement = judged(response, now, (token,))
        if isinstance(judgement, Undeliverable):
            return judgement
        return RetryLater(0, f"{response.status}: the sheet could not be read", response.retry_after(now), silence=True)

    # --- tokens ----------------------------------------------------------------------------------------------------------

    def _token(self, account: Mapping[str, str], settings: Mapping[str, Any], now: datetime) -> str | DeliveryResult:
        """An access token, kept until shortly before it ends."""
        url = _token_url(settings, self._base_url_default)
        held = self._tokens.get((account["client_email"], url))
        if held and now < held[1]:
            return held[0]
        try:
            assertion = _assertion(account, settings, now)
        except Invalid as error:
            return Undeliverable(0, error.message)
        body = urlencode({"grant_type": _GRANT, "assertion": assertion}).encode()
        request = HttpRequest("POST", url, {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}, body)
        trusted = not (settings.get("token_url") or settings.get("base_url"))
        response = exchanged(self._http, request, trusted=trusted, deadline_seconds=_TOKEN_SECONDS)
        if isinstance(response, RetryLater):
            return RetryLater(0, f"no access token: {response.note}")
        given = _object(response.body) or {}
        token, life = given.get("access_token"), given.get("expires_in")
        if response.status != 200 or not isinstance(token, str) or not token:  # noqa: PLR2004
            judgement = judged(response, now, (assertion,))
            return RetryLater(response.status, "no access token in the reply") if isinstance(judgement, Delivered) else judgement
        seconds = life if isinstance(life, int) and not isinstance(life, bool) else _LIFE.total_seconds()
        self._tokens[account["client_email"], url] = (token, now + timedelta(seconds=seconds) - _EARLY)
        return token


def _assertion(account: Mapping[str, str], settings: Mapping[str, Any], now: datetime) -> str:
    """RFC 7523: a JWT in the service account's name. The audience is Google's, or the stand-in's own address."""
    import jwt  # noqa: PLC0415 - loads cryptography: only a sheet needs it

    issued = int(now.timestamp())
    claims = {
        "iss": account["client_email"],
        "scope": SCOPE,
        "aud": settings.get("token_url") or TOKENS,
        "iat": issued,
        "exp": issued + int(_LIFE.total_seconds()),
    }
    try:
        return jwt.encode(claims, account["private_key"], algorithm="RS256", headers={"kid": account.get("private_key_id", "")})
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Invalid("the service account's private key cannot be used") from error


def _row(delivery: Delivery, settings: Mapping[str, Any]) -> list[Any]:
    cells = [_cell(render_value(each["value"], delivery.variables)) for each in settings["columns"]]
    return [*cells, delivery.id] if settings.get("id_header", ID_HEADER) else cells


def _cell(value: Any) -> Any:
    """A cell's value: numbers and truth stay what they are, lists become their items with commas."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list):
        return ", ".join(str(_cell(each)) for each in value)[:CELL_LIMIT]
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:CELL_LIMIT]


def _account(secret: Secret) -> dict[str, str]:
    held = secret.values.get("service_account")
    account = _object(held.encode()) if isinstance(held, str) else held
    if not isinstance(account, Mapping) or not account.get("client_email") or not account.get("private_key"):
        raise Invalid("the sink has no service account")
    return {name: str(value) for name, value in account.items()}


def _sheet(settings: Mapping[str, Any]) -> str:
    return quote(str(settings["spreadsheet_id"]), safe="")


def _range(settings: Mapping[str, Any]) -> str:
    return str(settings.get("range") or "Sheet1")


def _token_url(settings: Mapping[str, Any], base_url_default: str) -> str:
    """A stand-in for the sheets gives tokens too, unless it is Google itself, written out."""
    stand_in = str(settings.get("base_url") or base_url_default).rstrip("/")
    return str(settings.get("token_url") or (f"{stand_in}/token" if stand_in not in ("", SHEETS) else TOKENS))


def _first_column(place: str) -> int:
    found = _COLUMN.search(place)
    number = 0
    for letter in found.group(1).upper() if found else "A":
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _column_name(number: int) -> str:
    """1 is A, 26 is Z, 27 is AA."""
    name = ""
    while number > 0:
        number, letter = divmod(number - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def _row_count(shape: Mapping[str, Any], tab: str) -> int:
    for each in shape.get("sheets") or []:
        properties = each.get("properties") or {}
        if properties.get("title") == tab.strip("'"):
            return int((properties.get("gridProperties") or {}).get("rowCount") or LOOKED_BACK)
    return LOOKED_BACK


def _updated_range(response: HttpResponse) -> str:
    found = ((_object(response.body) or {}).get("updates") or {}).get("updatedRange")
    return f"wrote {found}"[:200] if isinstance(found, str) else note_of(response, ())


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
