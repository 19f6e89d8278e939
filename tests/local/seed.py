"""What the playground and the demo play with, configured through the administration API like anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.local import samples

if TYPE_CHECKING:
    from tests.local.client import Client

SURVEY = "playground"


def seed(client: Client) -> None:
    """Putting what is there already changes nothing, so this runs at every start."""
    for path, body in bodies(client.url).items():
        client.ok("PUT", f"/admin/{path}", body)


def bodies(url: str) -> dict[str, Any]:
    return {
        f"surveys/{SURVEY}": _survey(),
        "channels/playground-email": {"kind": "email", "from": "Lamps & Co <surveys@example.com>"},
        "channels/playground-whatsapp": {
            "kind": "whatsapp",
            "credentials": {
                "access_token": "playground-access-token",
                "phone_number_id": "playground",
                "app_secret": samples.WHATSAPP_APP_SECRET,
                "verify_token": "playground-verify-token",
            },
        },
        "channels/playground-web": {"kind": "web"},
        "sources/playground-standard": _source("standard", samples.STANDARD_SECRET),
        "sources/playground-zendesk": {
            **_source("zendesk", samples.ZENDESK_SECRET),
            "email": "agent@example.com",
            "api_token": "playground-api-token",
        },
        "sources/playground-chatwoot": _source("chatwoot", samples.CHATWOOT_SECRET),
        "sources/playground-respondio": _source("respondio", samples.RESPONDIO_SECRET),
        **_sinks(url),
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
        "channels": ["same", "email", "web"],
    }


def _sinks(url: str) -> dict[str, Any]:
    return {}
