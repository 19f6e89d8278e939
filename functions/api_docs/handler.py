"""The API's documentation: one document for programs, one page for people.

Trigger: GET /openapi.json, GET /docs. Writes: nothing; it may reach nothing else. Retries: the caller's.
"""

from __future__ import annotations

from hearback.runtime.docs_routes import docs_routes
from hearback.runtime.entrypoint import entrypoint
from hearback.runtime.http import http_handler

lambda_handler = entrypoint(lambda: http_handler(docs_routes()))
