"""Who acts: the signed-in person, a token, the command line or a job. A frozen value, passed explicitly."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """操作人.

    Parameters
    ----------
    id : account id, or 0 for the system itself.
    name : name shown in the trail.
    login : login name.
    roles : role codes (see `inspection.auth.roles`).
    permissions : permission codes that the roles (and a token's scopes) allow.
    region_code : GB/T 2260 code of the region whose subtree the actor works in; "" = all.
    lab_id : laboratory the actor belongs to, or None.
    department : office (职能部门) code, "" when none.
    inspector_id : the actor's own row in the register of inspectors, or None.
    via : "session", "token", "cli", "job" or "system".
    address : client address, "" when there is none.
    request_id : ties log lines, audit events and error pages together.
    fresh_until : until when the last proof of identity counts as fresh (step-up), or None.
    """

    id: int
    name: str
    login: str = ""
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = field(default=frozenset(), repr=False)
    region_code: str = ""
    lab_id: int | None = None
    department: str = ""
    inspector_id: int | None = None
    via: str = "session"
    address: str = ""
    request_id: str = ""
    fresh_until: datetime | None = None

    def can(self, permission: str) -> bool:
        return permission in self.permissions


SYSTEM = Actor(id=0, name="系统", via="system")
ANONYMOUS = Actor(id=0, name="未登录", via="anonymous")
