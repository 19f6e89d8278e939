"""Requests to the outside, every address looked at before it is dialled."""
