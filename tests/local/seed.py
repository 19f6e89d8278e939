"""What the playground plays with, configured through the administration API like anything else."""

from __future__ import annotations


def seed(base_url: str) -> None:
    """To be filled when the administration API exists."""
