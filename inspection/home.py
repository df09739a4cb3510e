"""The first page: what waits for the signed-in person; the public goes to the portal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, g, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection import clock, web
from inspection.actor import Actor
from inspection.auth.guard import public
from inspection.auth.roles import ROLE_LABELS, Role
from inspection.i18n import _


@dataclass(frozen=True, slots=True)
class Task:
    """待办: how many things wait, where they are listed, whether one is late."""

    label: str
    count: int
    url: str
    late: bool = False


Source = Callable[[Session, Actor], "list[Task]"]
_sources: list[Source] = []


def tasks(source: Source) -> Source:
    """A stage's pages register here what may wait for a person."""
    if source not in _sources:
        _sources.append(source)
    return source


def init_app(app: Flask) -> None:
    @app.get("/")
    @public
    def home() -> str | Response:
        actor = g.get("actor")
        if actor is None:
            return redirect(url_for("portal.index" if "portal.index" in app.view_functions else "auth.sign_in"))
        with web.reading() as session:
            found = [task for source in _sources for task in source(session, actor) if task.count]
        roles = [_(ROLE_LABELS[role]) for role in Role if role.value in actor.roles]
        return render_template("home.html", tasks=sorted(found, key=lambda t: not t.late), today=clock.today(), roles=roles)
