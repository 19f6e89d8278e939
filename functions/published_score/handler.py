"""What the owner of a survey shows to everybody: the score of the last whole month, as page, JSON and badge.

Trigger: GET and HEAD /scores/{survey}, also with .json and .svg. Writes: nothing; reads surveys (access pattern 31) and
reports. Retries: the caller's; caches answer most of them.
"""

from __future__ import annotations

from hearback.runtime import wiring
from hearback.runtime.entrypoint import entrypoint
from hearback.runtime.http import http_handler
from hearback.runtime.score_routes import score_routes

lambda_handler = entrypoint(lambda: http_handler(score_routes(wiring.show_score())))
