"""What the playground and the demo play with, configured through the administration API like anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.local import samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.client import Client

SURVEY = "playground"


def seed(client: Client, state: Path) -> None:
    """Putting what is there already changes nothing, so this runs at every start."""
    for path, body in bodies(client.url, _google_key(state / "google-key.pem")).items():
        client.ok("PUT", f"/admin/{path}", body)


def bodies(url: str, google_key: str) -> dict[str, Any]:
    return {
        f"surveys/{SURVEY}": _survey(),
        "channels/playground-email": {"kind": "email", "from": "Lamps & Co <surveys@example.com>", "surveys": [SURVEY]},
        "channels/playground-whatsapp": {
            "kind": "whatsapp",
            "surveys": [SURVEY],
            "credentials": {
                "access_token": "playground-access-token",
                "phone_number_id": "playground",
                "app_secret": samples.WHATSAPP_APP_SECRET,
                "verify_token": "playground-verify-token",
            },
        },
        "channels/playground-web": {"kind": "web", "surveys": [SURVEY]},
        "sources/playground-standard": _source("standard", samples.STANDARD_SECRET),
        "sources/playground-zendesk": {
            **_source("zendesk", samples.ZENDESK_SECRET),
            "email": "agent@example.com",
            "api_token": "playground-api-token",
        },
        "sources/playground-chatwoot": _source("chatwoot", samples.CHATWOOT_SECRET),
        "sources/playground-respondio": _source("respondio", samples.RESPONDIO_SECRET),
        **_sinks(url, google_key),
    }


def _source(kind: str, secret: str) -> dict[str, Any]:
    return {"kind": kind, "secret": secret, "survey": SURVEY}


def _survey() -> dict[str, Any]:
    reasons = {"speed": "It took too long", "answer": "The answer did not help", "tone": "The tone was wrong"}
    return {
        "metric": "csat",
        "name": "Playground",
        "texts": {
            "en": {"question": "How did we do?", "subject": "How did {{ agent.name or 'we' }} do?"},
            "es": {"question": "¿Qué tal lo hicimos?"},
            "zh": {"question": "我们的服务怎么样？"},
            "ar": {"question": "كيف كانت خدمتنا؟"},
        },
        "follow_ups": [
            {
                "id": "reasons",
                "kind": "choices",
                "when": {"max_rating": 3},
                "texts": {"en": "What went wrong?"},
                "choices": [{"id": name, "texts": {"en": words}} for name, words in reasons.items()],
            },
            {"id": "comment", "kind": "text", "texts": {"en": "Anything you would like to add?"}},
        ],
        "policy": {"cooldown_days": 0, "reminder_days": 3},
        "channels": ["same", "email", "whatsapp", "web"],
        "published": True,
        "digest": {"to": ["team@example.com"], "periods": ["week"]},
    }


def _sinks(url: str, google_key: str) -> dict[str, Any]:
    columns = {
        "When": "{{ answer.answered_at }}",
        "Rating": "{{ answer.rating }}",
        "Agent": "{{ agent.name }}",
        "Comment": "{{ answer.comment }}",
    }
    surveys = [SURVEY]
    return {
        "sinks/playground-http": {"kind": "http", "surveys": surveys, "request": {"url": f"{url}/_local/vendors/http/playground"}},
        "sinks/playground-sheet": {
            "kind": "google-sheets",
            "surveys": surveys,
            "spreadsheet_id": "playground",
            "columns": [{"header": header, "value": value} for header, value in columns.items()],
            "service_account": {"client_email": "playground@example.com", "private_key": google_key},
        },
        "sinks/playground-zendesk": {
            "kind": "zendesk",
            "surveys": surveys,
            "email": "agent@example.com",
            "api_token": "playground-api-token",
            "fields": {"360001": "{{ answer.rating }}"},
        },
    }


def _google_key(file: Path) -> str:
    """A key of this instance's own: nothing that looks like a secret is in the repository."""
    if not file.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        plain = serialization.NoEncryption()
        file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return file.read_text(encoding="ascii")
