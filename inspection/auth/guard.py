"""Every route says who may call it: `@requires(...)` or `@public`. A route that says nothing stops the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, g, request

from inspection import clock
from inspection.actor import Actor
from inspection.auth.roles import STEP_UP, Permission
from inspection.errors import Forbidden, Unauthenticated

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Guard:
    """What a route asks for: any one of the permissions; `public` asks for nothing."""

    permissions: tuple[Permission, ...] = ()
    step_up: bool = False

    @property
    def public(self) -> bool:
        return not self.permissions


def public(view: View) -> View:
    """Anybody may call this route, signed in or not."""
    view._guard = Guard()  # type: ignore[attr-defined]
    return view


def requires(*permissions: Permission, step_up: bool | None = None) -> Callable[[View], View]:
    """Only an actor with at least one of the permissions; by default unsafe calls of sensitive ones need a fresh factor.

    Parameters
    ----------
    step_up : force or waive the fresh factor; None decides by `inspection.auth.roles.STEP_UP` and the method.
    """
    if not permissions:
        raise ValueError("name a permission, or use @public")
    fresh = any(p in STEP_UP for p in permissions) if step_up is None else step_up

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            check(g.get("actor"), permissions, fresh=fresh and request.method not in {"GET", "HEAD", "OPTIONS"})
            return view(*args, **kwargs)

        guarded._guard = Guard(permissions, fresh)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def check(actor: Actor | None, permissions: tuple[Permission, ...], *, fresh: bool) -> None:
    """Raise unless the actor may; the message never says whether the object exists."""
    if actor is None:
        raise Unauthenticated("sign-in-required", "请先登录后再继续。")
    if not any(actor.can(permission) for permission in permissions):
        raise Forbidden("not-permitted", "您的岗位无权办理此事。如工作需要，请联系安全管理员调整岗位。")
    if fresh and actor.via == "session" and (actor.fresh_until is None or actor.fresh_until < clock.now()):
        raise Unauthenticated("step-up-required", "此项操作须在五分钟内重新验证身份。请再次输入口令（或动态码）后继续。")
    if fresh and actor.via == "token":
        raise Forbidden("step-up-required", "此项操作须本人当面验证身份，不能用接口令牌办理。")


def check_routes(app: Flask) -> None:
    """Refuse to start when a route carries neither `@requires` nor `@public`."""
    bare = sorted(
        {
            f"{rule.rule} ({rule.endpoint})"
            for rule in app.url_map.iter_rules()
            if not isinstance(getattr(app.view_functions[rule.endpoint], "_guard", None), Guard)
        }
    )
    if bare:
        raise RuntimeError("路由没有注明权限（@requires 或 @public）: " + "; ".join(bare))
