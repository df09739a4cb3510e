"""An office over HTTP: every role has an account and a test client; acts are what the pages offer, with the version they show."""

from __future__ import annotations

import io
import re
from typing import Any

from inspection.db import Database
from tests.people import Browser, person, sign_in

ROLES = {
    "planner": "planner", "officer": "draw_officer", "leader": "leader", "publisher": "publisher", "sampler": "sampler",
    "entry": "lab_entry", "reviewer": "lab_review", "signer": "lab_sign", "case": "case_officer", "auditor": "auditor", "audit_admin": "audit_admin",
    "security": "security_admin", "system": "system_admin",
}  # fmt: skip
LABORATORY = {"entry", "reviewer", "signer"}
VERSION = re.compile(r'name="version" value="(\d+)"')


class Desk:
    """Everybody at work, each signed in anew when a day has passed."""

    def __init__(self, app: Any, database: Database) -> None:
        self.app, self.database = app, database
        self.signed_in: dict[str, Browser] = {}

    def hire(self, *, lab_id: int | None = None) -> None:
        """Accounts of all roles; the laboratory's people belong to it."""
        for login, role in ROLES.items():
            person(self.database, login, role, **({"lab_id": lab_id} if login in LABORATORY else {}))

    def morning(self) -> None:
        """A new day: all sessions of yesterday are over."""
        self.signed_in.clear()

    def __getitem__(self, login: str) -> Browser:
        if login not in self.signed_in:
            self.signed_in[login] = sign_in(self.app, login)
        return self.signed_in[login]

    def act(self, login: str, page: str, verb: str = "", **data: Any) -> Any:
        """Open the page, then post to `page/verb` with the version it shows; the answer must be a redirect."""
        answer = self.tried(login, page, verb, **data)
        assert answer.status_code == 303, f"{login} {page}/{verb}: {answer.status_code}\n{text_of(answer)}"
        return answer

    def tried(self, login: str, page: str, verb: str = "", **data: Any) -> Any:
        """The same, whatever the answer is."""
        shown = self[login].get(page)
        if shown.status_code == 200 and (version := VERSION.search(shown.text)):
            data.setdefault("version", version[1])
        return self[login].post(f"{page}/{verb}" if verb else page, data)

    def refused(self, logins: str, page: str, verb: str = "", **data: Any) -> None:
        """None of these people may do it."""
        for login in logins.split():
            status = self.tried(login, page, verb, **data).status_code
            assert status == 403, f"{login} {page}/{verb} gives {status}"

    def not_yet(self, login: str, page: str, verb: str = "", **data: Any) -> None:
        """The right person, the wrong moment: refused with a reason, and the page offers no such button."""
        answer = self.tried(login, page, verb, **data)
        assert answer.status_code in (409, 422), f"{login} {page}/{verb} gives {answer.status_code}"

    def upload(self, login: str, page: str, name: str, content: bytes) -> str:
        """Send a file; gives the address of its preview."""
        self[login].get(page)
        answer = self[login].post(page, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
        assert answer.status_code == 303, text_of(answer)
        return str(answer.location)


def number_of(answer: Any) -> int:
    """The id at the end of the address an act leads to."""
    found = re.search(r"/(\d+)(?:$|[?/])", answer.location)
    assert found, answer.location
    return int(found[1])


def text_of(answer: Any) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))[:1500]
