"""Every page of every role, as (who, name, path): the browser tests check them all, the screenshot tour shows them all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """One page: whose (empty for the public), its name, its path with `{names}` of rows; `phone` when it is used on one."""

    login: str
    name: str
    path: str
    phone: bool = False


def _stops(login: str, pages: str, *, phone: bool = False) -> tuple[Stop, ...]:
    pairs = (line.split(maxsplit=1) for line in pages.strip().splitlines())
    return tuple(Stop(login, name, path.strip(), phone) for name, path in pairs)


PUBLIC = _stops(
    "",
    """
    portal /public
    board-bulletins /public/bulletins
    board-draws /public/draws
    board-results /public/results
    board-results-of-draw /public/results?draw=2026-001
    subject-result /public/results/2026-T00002
    board-plans /public/plans
    board-items /public/items
    board-plan /public/plan
    board-task /public/task
    subject-draw /public/draws/2026-001
    subject-committed /public/draws/2026-002
    subject-bulletin /public/bulletins/{bulletin}
    subject-plan /public/plans/2026-320902-01
    verify /public/verify
    why /public/why
    why-found /public/why?draw=2026-001&code={firm}
    why-excluded /public/why?draw=2026-001&code={firm_excluded}
    check /public/check
    check-found /public/check?digest={digest}
    sign-in /account/sign-in
    setup /account/setup
    not-found /public/nothing-here
    api /api/v1/docs
    """,
    phone=True,
)
PLANNER = _stops(
    "jihua",
    """
    home /
    enterprises /registers/enterprises
    enterprises-none /registers/enterprises?q=没有这家
    enterprise /registers/enterprises/{enterprise_open}
    enterprise-new /registers/enterprises/new
    enterprise-edit /registers/enterprises/{enterprise_open}/edit
    inspectors /registers/inspectors
    inspector /registers/inspectors/{inspector}
    inspector-new /registers/inspectors/new
    laboratories /registers/laboratories
    laboratory /registers/laboratories/{laboratory}
    laboratory-new /registers/laboratories/new
    regions /registers/regions
    region /registers/regions?under=320902
    region-new /registers/regions/new
    items /registers/items
    item /registers/items/{item}
    item-new /registers/items/new
    products /registers/products
    limit-new /registers/limits/new
    outside /registers/outside
    imports /registers/imports
    import-upload /registers/imports/enterprises
    annual-plans /annual-plans
    annual-plan-new /annual-plans/new
    annual-plan /annual-plans/1
    tasks /tasks
    task-new /tasks/new
    task /tasks/1?estimate=1
    plans /plans
    plan-new /plans/new
    plan-draft /plans/{plan_draft}
    plan-approved /plans/{plan_approved}
    plan-published /plans/{plan_executing}
    indicators /indicators
    indicators-yancheng /indicators?place=江苏省盐城市
    indicator /indicators/{indicator_rate}
    drawn-figures /indicators/draws/{draw_published}
    drawn-list /indicators/draws
    visits-office /visits
    problems /visits/problems
    door-labels /visits/labels
    samples-office /samples
    results-office /results
    cases-office /cases
    rulebook /rulebook
    codes /rulebook/codes
    calendar /calendar
    calendar-year /calendar/2026
    deadline /calendar/deadline
    jobs /jobs
    profile /account/profile
    forbidden /account/accounts
    """,
)
OTHERS = (
    *_stops(
        "chouqu",
        """
        draw-home /
        draws /draws
        visit-targeted /visits/new
        draw-new /draws/new
        coverage /draws/coverage?region_code=320903
        licensed /indicators/licensed
        draw-configured /draws/{draw_configured}
        frame-excluded /draws/{draw_configured}/frame
        draw-committed /draws/{draw_committed}
        frame-upper /draws/{draw_committed}/frame?status=UPPER
        draw-revealed /draws/{draw_published}
        draw-selection /draws/{draw_published}/selection
        draw-ceremony /draws/{draw_committed}/ceremony
        draw-wall /draws/{draw_published}/ceremony
        draw-reveal /draws/{draw_committed}/reveal
        """,
    ),
    *_stops("lingdao", "leader-home /\nleader-visit /visits/{visit}\nvisit-submitted /visits/{visit_submitted}\nextension /visits/problems/{problem_asked}\nplan-submitted /plans/{plan_submitted}\nbulletin-submitted /publications/{publication_submitted}"),
    *_stops(
        "gongbu",
        """
        publisher-home /
        waiting-results /visits/publishing
        publications /publications
        bulletin-new /publications/new
        bulletin-draft /publications/{publication_draft}
        bulletin-published /publications/{publication_published}
        """,
    ),
    *_stops("luru", "lab-home /\nreceiving /samples/receiving\nresults /results\nenter /results/enter\nreport /results/{report_entering}\nimport /results/import"),
    *_stops("shenhe", "review-home /\nreport-entered /results/{report_entered}"),
    *_stops("qianfa", "sign-home /\nreport-reviewed /results/{report_reviewed}"),
    *_stops("xitong", "system-home /\naccounts /account/accounts\naccount-new /account/accounts/new\naccount /account/accounts/{account}"),
    *_stops("anquan", "security-home /\naccount-grant /account/accounts/{account}"),
    *_stops("shenji", "audit-home /\ntrail /account/trail"),
    *_stops("jijian", "auditor-home /\nauditor-draw /draws/{draw_published}"),
    *_stops("chuzhi", "case-home /\ncase /cases/{case}\nproblem-late /visits/problems/{problem_open}\nproblem-closed /visits/problems/{problem_closed}\nrefusal /visits/{visit_refused}"),
)
PHONE = (
    *_stops("chouyang", "sampler-home /\nsamples /samples\nsample-new /samples/new\nsample /samples/{sample_sealed}\nsample-handed /samples/{sample_handed_over}", phone=True),
    *_stops("jiancha1", "inspector-home /\nvisits-mine /visits/mine\nvisit /visits/{visit_mine}\nvisit-record /visits/{visit_mine}/record\nvisit-arrive /visits/{visit_mine}/arrive\nvisit-contacts /visits/{visit_mine}/contacts", phone=True),
)
STOPS = (*PUBLIC, *PLANNER, *OTHERS, *PHONE)
