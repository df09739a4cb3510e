"""Accounts of the demonstration: one person per role, made by the services that make real ones."""

from __future__ import annotations

from sqlalchemy import select

from inspection.actor import SYSTEM, Actor
from inspection.auth import secrets, service
from inspection.auth.models import Account
from inspection.auth.roles import Role
from inspection.db import Database
from inspection.registers.models import Inspector, Laboratory

PEOPLE: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("jihua", "演示·计划员", (Role.PLANNER,)),
    ("chouqu", "演示·双随机管理员", (Role.DRAW_OFFICER,)),
    ("lingdao", "演示·审批领导", (Role.LEADER,)),
    ("gongbu", "演示·公布专员", (Role.PUBLISHER,)),
    ("chuzhi", "演示·核查处置", (Role.CASE_OFFICER,)),
    ("chouyang", "演示·抽样人员", (Role.SAMPLER,)),
    ("jiancha1", "演示·检查人员甲", (Role.INSPECTOR,)),
    ("jiancha2", "演示·检查人员乙", (Role.INSPECTOR,)),
    ("luru", "演示·检验录入", (Role.LAB_ENTRY,)),
    ("shenhe", "演示·检验审核", (Role.LAB_REVIEW,)),
    ("qianfa", "演示·检验签发", (Role.LAB_SIGN,)),
    ("xitong", "演示·系统管理员", (Role.SYSTEM_ADMIN,)),
    ("anquan", "演示·安全管理员", (Role.SECURITY_ADMIN,)),
    ("shenji", "演示·审计管理员", (Role.AUDIT_ADMIN,)),
    ("jijian", "演示·纪检", (Role.AUDITOR,)),
)
LABORATORY_ROLES = {Role.LAB_ENTRY, Role.LAB_REVIEW, Role.LAB_SIGN}


def create(database: Database, *, one_time: bool = False) -> str:
    """Make every account; gives the one password they share in the demonstration, shown once.

    Parameters
    ----------
    one_time : everybody must choose a password of his own at the first sign-in.
    """
    password = secrets.new_password()
    with database.write(SYSTEM) as session:
        for login, name, _ in PEOPLE:
            account, _one_time = service.create_account(session, SYSTEM, login=login, name=name, password=password)
            if not one_time:
                service.change_password(session, service.actor_of(account, via="cli"), old_ok=True, new=password)
    return password


def grant(database: Database, inspectors: tuple[str, ...], laboratory: str) -> None:
    """Roles and scope, once the registers hold the inspectors and the laboratory."""
    with database.write(SYSTEM) as session:
        lab = session.scalars(select(Laboratory.id).where(Laboratory.code == laboratory)).one()
        waiting = list(inspectors)
        for login, _, roles in PEOPLE:
            account = session.scalars(select(Account).where(Account.login == login)).one()
            person = None
            if Role.INSPECTOR in roles:
                person = session.scalars(select(Inspector.id).where(Inspector.code == waiting.pop(0))).one()
            wanted = service.Grant(
                frozenset(role.value for role in roles),
                lab_id=lab if LABORATORY_ROLES & set(roles) else None,
                inspector_id=person,
            )
            service.grant(session, SYSTEM, account.id, wanted)


def field(database: Database, code: str) -> Actor:
    """An inspector as he signs in; without an account yet he gets one, with a one-time password that the security administrator can renew."""
    with database.write(SYSTEM) as session:
        person = session.scalars(select(Inspector).where(Inspector.code == code)).one()
        account = session.scalars(select(Account).where(Account.inspector_id == person.id)).first()
        if account is None:
            account, _one_time = service.create_account(session, SYSTEM, login=code.lower(), name=person.name)
            service.grant(session, SYSTEM, account.id, service.Grant(frozenset({Role.INSPECTOR.value}), inspector_id=person.id))
        return service.actor_of(account, via="cli")


def actor(database: Database, login: str) -> Actor:
    """A person of the demonstration as an actor."""
    with database.read() as session:
        account = service.find(session, login)
        assert account is not None
        return service.actor_of(account, via="cli")
