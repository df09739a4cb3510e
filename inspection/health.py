"""Is the service alive, can it write, what does it count."""

from __future__ import annotations

import time
from datetime import datetime
from hmac import compare_digest

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client import REGISTRY as DEFAULT_REGISTRY
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from inspection import clock, web
from inspection.auth.guard import public
from inspection.auth.roles import Permission
from inspection.db import Base
from inspection.errors import Forbidden

REQUESTS = Counter("hengjian_requests", "HTTP requests", ["method", "endpoint", "status"])
SECONDS = Histogram("hengjian_request_seconds", "Seconds per HTTP request", ["endpoint"])
PROBE_SECONDS = 5


class HealthProbe(Base):
    """The one row that `/readyz` writes, to prove that writing works (disk, lock, database)."""

    __tablename__ = "health_probes"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]


def register(app: Flask) -> None:
    """Add /healthz, /readyz and /metrics."""
    last: dict[str, float] = {"ok": 0.0}

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _count(response: Response) -> Response:
        endpoint = request.endpoint or "-"
        REQUESTS.labels(request.method, endpoint, response.status_code).inc()
        SECONDS.labels(endpoint).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        return response

    @app.get("/healthz")
    @public
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    @public
    def readyz() -> Response:
        if time.monotonic() - last["ok"] > PROBE_SECONDS:
            with web.database().write() as session:
                session.merge(HealthProbe(name="readyz", at=clock.now()))
            last["ok"] = time.monotonic()
        return jsonify(status="ready")

    @app.get("/metrics")
    @public
    def metrics() -> Response:
        token = web.settings().metrics_token
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        actor = g.get("actor")
        if not (token and compare_digest(given.encode(), token.encode())) and not (actor and actor.can(Permission.SYSTEM_READ)):
            raise Forbidden("not-permitted", "指标只对系统管理员和持有 metrics_token 的采集器开放。")
        return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    import os

    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return DEFAULT_REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
