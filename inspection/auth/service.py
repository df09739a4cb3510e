"""The verbs of accounts, gathered: sign in, stay signed in, prove again who one is, create, grant, disable."""

from __future__ import annotations

from inspection.auth.accounts import Grant, create_account, find, get, grant, normal_login, reset_password, set_disabled
from inspection.auth.first_run import create_setup_token, set_up
from inspection.auth.own import change_password, create_token, enrol_totp, missing_totp, remove_totp, revoke_token
from inspection.auth.proving import WRONG, Credentials, check_throttle, confirm, count_failure, sign_in
from inspection.auth.sessions import (
    Found,
    TokenFound,
    actor_of,
    by_token,
    end_all,
    end_session,
    living,
    open_session,
    resume,
    touch,
    touch_token,
)

__all__ = [
    "WRONG", "Credentials", "Found", "Grant", "TokenFound", "actor_of", "by_token", "change_password", "check_throttle", "confirm", "count_failure",
    "create_account", "create_setup_token", "create_token", "end_all", "end_session", "enrol_totp", "find", "get", "grant", "living", "missing_totp",
    "normal_login", "open_session", "remove_totp", "reset_password", "resume", "revoke_token", "set_disabled", "set_up", "sign_in", "touch",
    "touch_token",
]  # fmt: skip
