"""People for tests: accounts made through the real services, clients signed in through the real page."""

from __future__ import annotations

import re
from typing import Any

from inspection.actor import SYSTEM, Actor
from inspection.auth import service
from inspection.auth.models import Account
from inspection.db import Database

PASSWORD = "correct-horse-battery-9"


def person(database: Database, login: str, *roles: str, name: str = "", **scope: Any) -> Actor:
    """An account with roles and scope, its password set and not to be changed; gives the actor."""
    with database.write() as session:
        account, _ = service.create_account(session, SYSTEM, login=login, name=name or f"测试{login}", password=PASSWORD)
        account.must_change_password = False
        service.grant(session, SYSTEM, account.id, service.Grant(frozenset(roles), **scope))
        return service.actor_of(account, via="session")


def csrf_of(html: str) -> str:
    """The token of the first form on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found, "no form on the page"
    return found.group(1)


class Browser:
    """A test client that reads the form token by itself."""

    def __init__(self, app: Any) -> None:
        self.client = app.test_client()
        self.token = ""

    def get(self, path: str, **kwargs: Any) -> Any:
        answer = self.client.get(path, **kwargs)
        if answer.mimetype == "text/html" and 'name="csrf_token"' in answer.text:
            self.token = csrf_of(answer.text)
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, *, follow: bool = False, **kwargs: Any) -> Any:
        if not self.token:
            self.get("/account/sign-in")
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, follow_redirects=follow, **kwargs)

    def json(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if not self.token:
            self.get("/account/sign-in")
        head = {"X-CSRFToken": self.token, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.client.open(path, method=method, json=body, headers=head)


def sign_in(app: Any, login: str, password: str = PASSWORD) -> Browser:
    """A browser signed in through the page."""
    browser = Browser(app)
    browser.get("/account/sign-in")
    answer = browser.post("/account/sign-in", {"login": login, "password": password, "next": "/"})
    assert answer.status_code == 303, answer.text
    browser.get("/account/profile")
    return browser


def account_of(database: Database, login: str) -> Account:
    with database.read() as session:
        found = service.find(session, login)
        assert found is not None
        return found
