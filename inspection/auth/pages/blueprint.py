"""The blueprint of the account pages, and the cookie that carries the session."""

from __future__ import annotations

from flask import Blueprint, request, session

bp = Blueprint("auth", __name__, url_prefix="/account")
COOKIE = "sid"


def address() -> str:
    """Where the request comes from, as the trail keeps it."""
    return (request.remote_addr or "")[:64]


def renew(token: str) -> None:
    """Put a fresh session token in the cookie; language and theme stay."""
    kept = {name: session[name] for name in ("language", "theme") if name in session}
    session.clear()
    session.update(kept)
    session[COOKIE] = token
