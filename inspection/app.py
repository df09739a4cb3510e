"""The application factory: settings in, a guarded Flask application out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import structlog
from flask import Flask, Response, jsonify, render_template, send_from_directory
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from inspection import health, home, i18n, navigation, web
from inspection.auth import guard
from inspection.auth.guard import public
from inspection.db import Database
from inspection.openapi import Documented
from inspection.settings import Settings
from reports import fonts

# The order of the work; a stage may look back, never forward (import contract in setup.cfg).
STAGES = (
    "auth",
    "jobs",
    "rulebook",
    "calendar",
    "registers",
    "plans",
    "draws",
    "visits",
    "samples",
    "results",
    "followups",
    "indicators",
    "publications",
    "portal",
)
VERSION = "0.1.0"
STATIC = Path(__file__).parent / "static"
csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Hengjian:
    """What the application carries besides Flask's own: settings and database."""

    settings: Settings
    database: Database


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """Build the application; refuse to start on an unguarded route or missing fonts."""
    settings.check()
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-hengjian" if settings.secure_cookies else "hengjian",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.secure_cookies,
        API_TITLE="衡鉴 Hengjian",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        PROPAGATE_EXCEPTIONS=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.converters["int"] = web.RowId
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign]
    app.extensions["hengjian"] = Hengjian(settings, database or Database(settings.database_url))
    configure_log(settings.log_level)
    fonts.configure(settings.font_dir, settings.pdf_font_fangsong)
    fonts.check()
    csrf.init_app(app)
    api = Documented(app)
    web.register_request(app)
    web.register_errors(app)
    i18n.init_app(app)
    navigation.init_app(app)
    _register_static(app)
    health.register(app)
    home.init_app(app)
    _register_stages(app, api)
    _register_spec(app, api)
    guard.check_routes(app)
    return app


def _register_stages(app: Flask, api: Documented) -> None:
    for stage in STAGES:
        for kind in ("api", "pages"):
            name = f"inspection.{stage}.{kind}"
            if find_spec(name) is None:
                continue
            module = import_module(name)
            for blueprint in getattr(module, "blueprints", [module.bp] if hasattr(module, "bp") else []):
                (api.register_blueprint if isinstance(blueprint, web.ApiBlueprint) else app.register_blueprint)(blueprint)
            if hasattr(module, "init_app"):
                module.init_app(app)


def _register_static(app: Flask) -> None:
    @app.get("/static/<path:filename>", endpoint="static")
    @public
    def static(filename: str) -> Response:
        return send_from_directory(STATIC, filename, max_age=86400)


def _register_spec(app: Flask, api: Documented) -> None:
    @app.get("/api/v1/openapi.json", endpoint="openapi")
    @public
    def openapi() -> Response:
        return jsonify(api.described())

    @app.get("/api/v1/docs", endpoint="api_docs")
    @public
    def api_docs() -> str:
        return render_template("api_docs.html", spec=api.described())


def configure_log(level: str) -> None:
    """One JSON object per line on standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
