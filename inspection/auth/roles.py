"""Roles 角色, what each may do, and which may never be held by one person.

Roles follow the trade (计划员, 双随机管理员, 检查人员, 抽样人员, 检验机构三岗, 核查处置, 审批领导, 公布专员) and the three
separated administrators 三员分立. A permission is one word of one stage; routes ask for permissions, never for roles.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    PLANNER = "planner"
    DRAW_OFFICER = "draw_officer"
    INSPECTOR = "inspector"
    SAMPLER = "sampler"
    LAB_ENTRY = "lab_entry"
    LAB_REVIEW = "lab_review"
    LAB_SIGN = "lab_sign"
    CASE_OFFICER = "case_officer"
    LEADER = "leader"
    PUBLISHER = "publisher"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    AUDITOR = "auditor"


ROLE_LABELS: dict[Role, str] = {
    Role.PLANNER: "计划员",
    Role.DRAW_OFFICER: "双随机管理员",
    Role.INSPECTOR: "检查人员",
    Role.SAMPLER: "抽样人员",
    Role.LAB_ENTRY: "检验机构录入",
    Role.LAB_REVIEW: "检验机构审核",
    Role.LAB_SIGN: "检验机构签发",
    Role.CASE_OFFICER: "核查处置人员",
    Role.LEADER: "审批领导",
    Role.PUBLISHER: "公布专员",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
    Role.AUDITOR: "审计/纪检",
}


class Permission(StrEnum):
    """One word of one stage."""

    # foundation
    ACCOUNT_SELF = "account.self"
    ACCOUNT_READ = "account.read"
    ACCOUNT_CREATE = "account.create"  # system administrator: the account itself
    ACCOUNT_GRANT = "account.grant"  # security administrator: its roles and scope
    AUDIT_READ = "audit.read"
    AUDIT_VERIFY = "audit.verify"
    JOB_READ = "job.read"
    RULEBOOK_READ = "rulebook.read"
    RULEBOOK_WRITE = "rulebook.write"
    SYSTEM_READ = "system.read"
    # registers
    REGISTER_READ = "register.read"
    REGISTER_WRITE = "register.write"
    # plans
    PLAN_READ = "plan.read"
    PLAN_WRITE = "plan.write"
    PLAN_APPROVE = "plan.approve"
    # draws
    DRAW_READ = "draw.read"
    DRAW_PREPARE = "draw.prepare"
    DRAW_COMMIT = "draw.commit"
    DRAW_REVEAL = "draw.reveal"
    DRAW_WITNESS = "draw.witness"  # the second person of a reveal
    DRAW_VOID = "draw.void"
    DRAW_APPROVE = "draw.approve"
    # visits
    VISIT_READ = "visit.read"
    VISIT_RECORD = "visit.record"
    VISIT_REVIEW = "visit.review"
    # samples
    SAMPLE_READ = "sample.read"
    SAMPLE_TAKE = "sample.take"
    SAMPLE_RECEIVE = "sample.receive"
    # results
    RESULT_READ = "result.read"
    RESULT_ENTER = "result.enter"
    RESULT_REVIEW = "result.review"
    RESULT_APPROVE = "result.approve"
    # followups
    CASE_READ = "case.read"
    CASE_HANDLE = "case.handle"
    CASE_CLOSE = "case.close"
    # indicators
    INDICATOR_READ = "indicator.read"
    INDICATOR_WRITE = "indicator.write"
    # publications
    PUBLICATION_READ = "publication.read"
    PUBLICATION_DRAFT = "publication.draft"
    PUBLICATION_APPROVE = "publication.approve"
    PUBLICATION_PUBLISH = "publication.publish"
    PUBLICATION_CORRECT = "publication.correct"


P = Permission
_EVERYONE = {P.ACCOUNT_SELF, P.JOB_READ, P.RULEBOOK_READ}
_READ_OFFICE = {
    P.REGISTER_READ,
    P.PLAN_READ,
    P.DRAW_READ,
    P.VISIT_READ,
    P.SAMPLE_READ,
    P.RESULT_READ,
    P.CASE_READ,
    P.INDICATOR_READ,
    P.PUBLICATION_READ,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    role: frozenset(_EVERYONE | extra)
    for role, extra in {
        Role.PLANNER: _READ_OFFICE | {P.REGISTER_WRITE, P.PLAN_WRITE, P.INDICATOR_WRITE, P.RULEBOOK_WRITE},
        Role.DRAW_OFFICER: _READ_OFFICE | {P.DRAW_PREPARE, P.DRAW_COMMIT, P.DRAW_REVEAL, P.DRAW_VOID},
        Role.INSPECTOR: {P.VISIT_READ, P.VISIT_RECORD},
        Role.SAMPLER: {P.SAMPLE_READ, P.SAMPLE_TAKE},
        Role.LAB_ENTRY: {P.SAMPLE_RECEIVE, P.RESULT_READ, P.RESULT_ENTER},
        Role.LAB_REVIEW: {P.RESULT_READ, P.RESULT_REVIEW},
        Role.LAB_SIGN: {P.RESULT_READ, P.RESULT_APPROVE},
        Role.CASE_OFFICER: {P.SAMPLE_READ, P.RESULT_READ, P.CASE_READ, P.CASE_HANDLE, P.VISIT_READ},
        Role.LEADER: _READ_OFFICE
        | {P.PLAN_APPROVE, P.DRAW_APPROVE, P.DRAW_WITNESS, P.VISIT_REVIEW, P.CASE_CLOSE, P.PUBLICATION_APPROVE},
        Role.PUBLISHER: {
            P.PUBLICATION_READ,
            P.PUBLICATION_DRAFT,
            P.PUBLICATION_PUBLISH,
            P.PUBLICATION_CORRECT,
            P.INDICATOR_READ,
            P.DRAW_READ,
            P.PLAN_READ,
        },
        Role.SYSTEM_ADMIN: {P.ACCOUNT_READ, P.ACCOUNT_CREATE, P.SYSTEM_READ},
        Role.SECURITY_ADMIN: {P.ACCOUNT_READ, P.ACCOUNT_GRANT},
        Role.AUDIT_ADMIN: {P.AUDIT_READ, P.AUDIT_VERIFY},
        Role.AUDITOR: _READ_OFFICE | {P.AUDIT_READ, P.AUDIT_VERIFY, P.ACCOUNT_READ, P.SYSTEM_READ},
    }.items()
}

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
BUSINESS = frozenset(Role) - ADMINISTRATORS - {Role.AUDITOR}
LABORATORY = frozenset({Role.LAB_ENTRY, Role.LAB_REVIEW, Role.LAB_SIGN})

# Each pair: never one person. Separation *per report or per draw* (who entered may not review) is checked where it happens.
INCOMPATIBLE: tuple[tuple[frozenset[Role], frozenset[Role], str], ...] = (
    *((frozenset({role}), ADMINISTRATORS - {role}, "系统、安全、审计三员分立") for role in sorted(ADMINISTRATORS)),
    (ADMINISTRATORS, BUSINESS | {Role.AUDITOR}, "管理员不得兼任业务或审计岗位"),
    (frozenset({Role.AUDITOR}), BUSINESS, "审计/纪检人员只读，不得兼任业务岗位"),
    (LABORATORY, BUSINESS - LABORATORY, "检验机构人员不得兼任监管岗位（抽检分离）"),
    (frozenset({Role.LAB_ENTRY}), frozenset({Role.LAB_REVIEW, Role.LAB_SIGN}), "录入、审核、签发须为不同的人"),
    (frozenset({Role.LAB_REVIEW}), frozenset({Role.LAB_SIGN}), "审核、签发须为不同的人"),
    (frozenset({Role.INSPECTOR}), frozenset({Role.SAMPLER}), "检查人员与抽样人员分开"),
    (frozenset({Role.DRAW_OFFICER}), frozenset({Role.LEADER, Role.INSPECTOR}), "双随机管理员不得复核自己的抽取，也不得进入被抽取的人员库"),
    (frozenset({Role.PLANNER}), frozenset({Role.LEADER}), "编制与审批须为不同的人"),
    (frozenset({Role.PUBLISHER}), frozenset({Role.LEADER}), "公布与审批须为不同的人"),
)

# Permissions whose use needs a proof of identity within the last minutes (step-up).
STEP_UP = frozenset(
    {
        P.DRAW_COMMIT,
        P.DRAW_REVEAL,
        P.DRAW_WITNESS,
        P.DRAW_VOID,
        P.DRAW_APPROVE,
        P.PLAN_APPROVE,
        P.RESULT_APPROVE,
        P.PUBLICATION_APPROVE,
        P.PUBLICATION_PUBLISH,
        P.PUBLICATION_CORRECT,
        P.ACCOUNT_GRANT,
        P.CASE_CLOSE,
    }
)


def conflict_of(roles: frozenset[Role]) -> str | None:
    """Why this set of roles may not be held by one person, or None.

    >>> conflict_of(frozenset({Role.PLANNER}))
    >>> conflict_of(frozenset({Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN}))
    '系统、安全、审计三员分立'
    """
    for left, right, reason in INCOMPATIBLE:
        if roles & left and (roles - (roles & left)) & right:
            return reason
    return None


def permissions_of(roles: frozenset[Role]) -> frozenset[str]:
    """Everything a set of roles allows."""
    return frozenset(permission.value for role in roles for permission in ROLE_PERMISSIONS[role])
