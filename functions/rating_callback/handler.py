"""The customer's side: the page, the answer, the way out, and replies from messengers.

Trigger: GET and POST /r/{token}, /u/{token}, /replies/{channel}. Writes: the answer with its outbox in one update (access
pattern 9), opt-outs (19), a provider's word on a send (6, 7), a day to count again (25). Retries: the person presses again,
the provider sends again; saying the same again changes nothing.
"""

from __future__ import annotations

from hearback.runtime import wiring
from hearback.runtime.entrypoint import entrypoint
from hearback.runtime.http import http_handler

lambda_handler = entrypoint(lambda: http_handler(wiring.answer_routes().routes()))
