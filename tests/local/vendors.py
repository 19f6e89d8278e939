"""Vendors that answer as the real ones would, with made-up people. What they were sent is the journal's business."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from tests.local.http_parts import Request, Response, error_response, json_response

PREFIX = "/_local/vendors/"
_numbers = itertools.count(1)
_sheets: dict[tuple[str, str], list[list[Any]]] = {}


def answer(request: Request) -> Response:
    vendor, _, path = request.path.removeprefix(PREFIX).partition("/")
    for pattern, reply in VENDORS.get(vendor, ()):
        match = re.fullmatch(pattern, f"{request.method} /{path}")
        if match:
            return reply(request, *map(unquote, match.groups()))
    return error_response(404, "unknown_vendor_route", f"The stub {vendor!r} has no {request.method} /{path}")


def _ses_send(_: Request) -> Response:
    return json_response(200, {"MessageId": f"local-{next(_numbers):08d}"})


def _whatsapp_send(request: Request) -> Response:
    to = str(_object(request).get("to", ""))
    return json_response(
        200,
        {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to.lstrip("+")}],
            "messages": [{"id": f"wamid.local{next(_numbers):08d}", "message_status": "accepted"}],
        },
    )


def _zendesk_user(_: Request, user: str) -> Response:
    person = {
        "id": int(user) if user.isdigit() else user,
        "name": f"Requester {user}",
        "email": f"requester-{user}@example.com",
        "phone": None,
        "locale": "en-US",
        "time_zone": "UTC",
        "iana_time_zone": "Etc/UTC",
        "role": "end-user",
        "verified": True,
    }
    return json_response(200, {"user": person})


def _zendesk_ticket(request: Request, ticket: str) -> Response:
    sent = _object(request).get("ticket", {})
    number = int(ticket) if ticket.isdigit() else ticket
    return json_response(200, {"ticket": {**sent, "id": number}, "audit": {"id": next(_numbers), "ticket_id": number}})


def _google_token(_: Request) -> Response:
    return json_response(200, {"access_token": "local-access-token", "token_type": "Bearer", "expires_in": 3599})


def _google_append(request: Request, sheet: str, place: str) -> Response:
    rows, tab = _object(request).get("values", []), place.partition("!")[0]
    held = _sheets.setdefault((sheet, tab), [])
    first, columns = len(held) + 1, max(map(len, rows), default=0)
    held += rows
    end = f"{_column(columns)}{len(held)}"
    updates = {
        "spreadsheetId": sheet,
        "updatedRange": f"{tab}!A{first}:{end}",
        "updatedRows": len(rows),
        "updatedColumns": columns,
        "updatedCells": sum(map(len, rows)),
    }
    return json_response(200, {"spreadsheetId": sheet, "tableRange": f"{tab}!A1:{end}", "updates": updates})


def _google_sheet(_: Request, sheet: str) -> Response:
    tabs = [{"title": tab, "gridProperties": {"rowCount": max(1000, len(rows))}} for (held, tab), rows in _sheets.items() if held == sheet]
    return json_response(200, {"spreadsheetId": sheet, "sheets": [{"properties": each} for each in tabs]})


def _google_values(_: Request, sheet: str, place: str) -> Response:
    """Whole columns, whatever rows were asked for: enough to look for what may have been written."""
    tab, cells = place.partition("!")[::2]
    letters = re.match("[A-Z]+", cells)
    number = [_column(each) for each in range(1, 1000)].index(letters[0]) if letters else 0
    column = [str(row[number]) if number < len(row) else "" for row in _sheets.get((sheet, tab), [])]
    return json_response(200, {"range": place, "majorDimension": "COLUMNS", "values": [column]})


def _http_ok(_: Request, _path: str) -> Response:
    return json_response(200, {"received": True})


def _http_status(_: Request, status: str) -> Response:
    return json_response(int(status), {"received": False})


def _object(request: Request) -> dict[str, Any]:
    try:
        body = request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _column(number: int) -> str:
    """1 is A, 26 is Z, 27 is AA."""
    name = ""
    while number > 0:
        number, letter = divmod(number - 1, 26)
        name = chr(ord("A") + letter) + name
    return name or "A"


VENDORS: dict[str, tuple[tuple[str, Callable[..., Response]], ...]] = {
    "ses": ((r"POST /v2/email/outbound-emails", _ses_send),),
    "whatsapp": ((r"POST /[^/]+/[^/]+/messages", _whatsapp_send),),
    "zendesk": ((r"GET /api/v2/users/([^/]+)\.json", _zendesk_user), (r"PUT /api/v2/tickets/([^/]+)\.json", _zendesk_ticket)),
    "google": (
        (r"POST /token", _google_token),
        (r"POST /v4/spreadsheets/([^/]+)/values/([^/]+):append", _google_append),
        (r"GET /v4/spreadsheets/([^/]+)/values/([^/]+)", _google_values),
        (r"GET /v4/spreadsheets/([^/]+)", _google_sheet),
    ),
    "http": ((r"\w+ /status/([2-5]\d\d)", _http_status), (r"\w+ /(.*)", _http_ok)),
}
"""A vendor's routes, the first that fits. `http/status/503` plays a receiver in trouble."""
