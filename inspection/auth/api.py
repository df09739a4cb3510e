"""Who am I, and the accounts, as JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from inspection.auth import service
from inspection.auth.guard import requires
from inspection.auth.models import Account
from inspection.auth.roles import Permission as P
from inspection.auth.schemas import AccountIn, AccountMadeOut, AccountOut, GrantIn, MeOut
from inspection.web import ApiBlueprint, actor, reading, wanted_version, writing

bp = ApiBlueprint("auth_api", __name__, url_prefix="/api/v1", description="账户")


@bp.get("/me")
@requires(P.ACCOUNT_SELF)
@bp.response(200, MeOut)
def me() -> dict[str, Any]:
    """The account behind this request."""
    who = actor()
    return {
        "id": who.id,
        "login": who.login,
        "name": who.name,
        "roles": sorted(who.roles),
        "permissions": sorted(who.permissions),
        "region_code": who.region_code,
    }


@bp.get("/accounts")
@requires(P.ACCOUNT_READ)
@bp.response(200, AccountOut(many=True))
def accounts() -> list[Account]:
    """All accounts by login."""
    with reading() as session:
        return list(session.scalars(select(Account).order_by(Account.login)))


@bp.post("/accounts")
@requires(P.ACCOUNT_CREATE)
@bp.arguments(AccountIn)
@bp.response(201, AccountMadeOut)
def create(given: dict[str, Any]) -> dict[str, Any]:
    """A new account; the one-time password is in the answer and nowhere else."""
    with writing() as session:
        account, password = service.create_account(session, actor(), **given)
        return {"id": account.id, "login": account.login, "one_time_password": password}


@bp.put("/accounts/<int:account_id>/roles")
@requires(P.ACCOUNT_GRANT)
@bp.arguments(GrantIn)
@bp.response(200, AccountOut)
def grant(given: dict[str, Any], account_id: int) -> Account:
    """Set roles and scope of an account."""
    with writing() as session:
        wanted = service.Grant(**{**given, "roles": frozenset(given["roles"])})
        return service.grant(session, actor(), account_id, wanted, version=wanted_version())
