"""Sign-in, proof of identity, profile, accounts and the audit trail as pages; and who acts in every request."""

from __future__ import annotations

from inspection.auth.pages import accounts, external, profile, sign_in, trail
from inspection.auth.pages.blueprint import bp
from inspection.auth.pages.identify import init_app

__all__ = ["accounts", "bp", "external", "init_app", "profile", "sign_in", "trail"]
