"""The operator's side: surveys, sources, channels, sinks, manual sends, explanations, imports, reports.

Trigger: /admin/{proxy+}, signed by IAM (SigV4). Writes: configuration and its secrets, stories asked for by hand, imports.
Retries: the caller's; every PUT and every POST with an id may be repeated.
"""

from __future__ import annotations

from hearback.runtime import wiring
from hearback.runtime.admin_routes import admin_routes
from hearback.runtime.entrypoint import entrypoint
from hearback.runtime.http import http_handler

lambda_handler = entrypoint(lambda: http_handler(admin_routes(wiring.admin_uses())))
