"""An identity provider for tests: discovery, keys, authorization and token endpoint on 127.0.0.1, with real RSA signatures."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "hengjian-test", "a-client-secret"


class Provider:
    """What the next answer says is set through `claims`; `spoil` makes it wrong in one way."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.stranger = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        self.spoil = ""
        app = Flask("provider")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self.describe)
        app.add_url_rule("/keys", view_func=self.keys)
        app.add_url_rule("/authorize", view_func=self.authorize)
        app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def describe(self) -> Response:
        return jsonify(
            issuer="http://elsewhere.example" if self.spoil == "description" else self.issuer,
            authorization_endpoint=f"{self.issuer}/authorize",
            token_endpoint=f"{self.issuer}/token",
            jwks_uri=f"{self.issuer}/keys",
            id_token_signing_alg_values_supported=["RS256", "HS256", "none"],
        )

    def keys(self) -> Response:
        return jsonify(keys=[self.key.as_dict(private=False)])

    def authorize(self) -> Any:
        """The person agrees at once."""
        asked = request.args.to_dict()
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256" and asked["nonce"]
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        state = "another" if self.spoil == "state" else asked["state"]
        return redirect(asked["redirect_uri"] + "?" + urlencode({"code": code, "state": state}))

    def token(self) -> Any:
        form = request.form
        asked = self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or request.authorization is None or request.authorization.password != SECRET:
            return jsonify(error="invalid_grant"), 400
        now = int(time.time()) - (7200 if self.spoil == "expired" else 0)
        claims = {
            "iss": "http://elsewhere.example" if self.spoil == "issuer" else self.issuer,
            "aud": "another-client" if self.spoil == "audience" else CLIENT,
            "sub": "person-1", "iat": now, "exp": now + 300, "nonce": "stale" if self.spoil == "nonce" else asked["nonce"], **self.claims,
        }
        signed = self._sign(claims)
        return jsonify(access_token="opaque", token_type="Bearer", expires_in=300, **({} if self.spoil == "no id_token" else {"id_token": signed}))

    def _sign(self, claims: dict[str, Any]) -> str:
        if self.spoil == "unsigned":
            parts = [base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode() for text in ('{"alg":"none"}', json.dumps(claims))]
            return ".".join([*parts, ""])
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.stranger if self.spoil == "signature" else self.key)
