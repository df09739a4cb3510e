"""The identity provider over OpenID Connect: authorization code with PKCE, state and nonce; every claim is checked."""

from __future__ import annotations

from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import current_app
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from inspection.auth.identities import Identity
from inspection.errors import Forbidden, NotFound, Refused
from inspection.settings import Settings

log = structlog.get_logger("hengjian.oidc")
SECONDS = 10
LEEWAY = 60
SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


def _client(settings: Settings) -> Any:
    """The registered client; the provider's description is fetched at the first use, not at the start."""
    if not settings.oidc_issuer:
        raise NotFound("oidc-off", "本系统没有启用统一身份认证。请用登录名和口令登录。")
    kept: Any = current_app.extensions.get("hengjian_oidc")
    if kept is None:
        kept = OAuth(current_app).register(
            "office",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret or None,
            server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "default_timeout": SECONDS},
        )
        current_app.extensions["hengjian_oidc"] = kept
    try:
        described = kept.load_server_metadata()
    except (RequestException, ValueError) as error:
        raise _away(error) from error
    if described.get("issuer") != settings.oidc_issuer:
        raise Forbidden("oidc-issuer", "统一身份认证自称的签发者与设置不符，没有继续。请系统管理员核对设置 oidc_issuer。")
    return kept


def _away(error: Exception) -> Refused:
    log.error("oidc", error=type(error).__name__)
    made = Refused("oidc-away", "统一身份认证暂时连不上。请稍候重试，或用登录名和口令登录。")
    made.status = 503
    return made


def send_away(settings: Settings, back: str) -> Response:
    """The way to the provider; what must come back is kept in the browser's session."""
    client = _client(settings)
    return client.authorize_redirect(settings.public_url.rstrip("/") + back)  # type: ignore[no-any-return]


def come_back(settings: Settings) -> Identity:
    """Who the provider says it is.

    Raises
    ------
    Forbidden : wrong state, code, nonce, signature, issuer, audience, or an expired token.
    """
    client = _client(settings)
    client.server_metadata["id_token_signing_alg_values_supported"] = SIGNATURES
    wanted = {"iss": {"essential": True, "values": [settings.oidc_issuer]}, "aud": {"essential": True, "values": [settings.oidc_client_id]}}
    try:
        token = client.authorize_access_token(claims_options=wanted, leeway=LEEWAY)
    except RequestException as error:
        raise _away(error) from error
    except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
        log.warning("oidc", error=type(error).__name__, reason=str(error)[:200])
        raise Forbidden("oidc-refused", "统一身份认证的回答不能采信（可能已过期、被改动，或不是本次登录的回答），没有登录。请重新登录。") from error
    claims = token.get("userinfo") or {}
    subject = str(claims.get("sub", ""))
    if not subject or len(subject) > 255:
        raise Forbidden("oidc-refused", "统一身份认证没有给出身份，没有登录。请重新登录。")
    verified = str(claims.get("email", "")) if claims.get("email_verified") is True else ""
    return Identity(settings.oidc_issuer, subject, verified, "mfa" in (claims.get("amr") or []))
