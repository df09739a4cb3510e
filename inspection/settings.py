"""One frozen object with every setting, from the environment and an optional TOML file.

Environment variables are the field names in capitals with the prefix ``HENGJIAN_``; the file is named by
``HENGJIAN_CONFIG`` and holds the same names in lower case. The environment wins. Unknown names are refused, and so are
weak secret keys: a service that decides who is inspected must not start on a guess.
Every field is documented in docs/settings.md (a test compares).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

PREFIX = "HENGJIAN_"
DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LEAST = {"trusted_proxies": 0, "password_max_age_days": 0}  # every other number is one or more
KNOWN_WEAK = {"secret", "changeme", "change-me", "dev", "development", "password", "hengjian", "default", "test"}


class SettingsError(ValueError):
    """启动设置有误: the message names the setting, the reason and the cure."""


@dataclass(frozen=True, slots=True)
class Settings:
    secret_key: str
    database_url: str = "sqlite:///var/hengjian.sqlite"
    data_dir: Path = Path("var")
    draw_key: str = ""
    office_name: str = "市场监督管理局"
    office_contact: str = ""
    office_phone: str = ""
    public_url: str = "http://127.0.0.1:8000"
    plain_http: bool = False
    trusted_proxies: int = 0
    bind: str = "127.0.0.1:8000"
    web_workers: int = 2
    web_threads: int = 2
    job_workers: int = 1
    jobs_url: str = ""
    session_idle_minutes: int = 30
    session_absolute_hours: int = 8
    step_up_minutes: int = 5
    login_tries_per_5_minutes: int = 10
    totp_required_roles: str = ""
    password_max_age_days: int = 0
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    font_dir: str = ""
    pdf_font_fangsong: str = ""
    max_upload_mb: int = 50
    attachment_max_mb: int = 15
    visit_attachments_max: int = 60
    publish_after_final_only: bool = True
    metrics_token: str = ""
    log_level: str = "INFO"
    demo: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read file and environment; raise `SettingsError` naming what is wrong.

        Parameters
        ----------
        environ : mapping of environment variables, the process's own by default.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        path = environ.get(f"{PREFIX}CONFIG", "")
        if path:
            values.update(_from_file(Path(path)))
        for name, text in environ.items():
            if name.startswith(PREFIX) and name != f"{PREFIX}CONFIG":
                values[name.removeprefix(PREFIX).lower()] = text
        return cls.of(values)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        known = {f.name: f.type for f in fields(cls)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise SettingsError(f"不认识的设置 {', '.join(unknown)}。请对照 docs/settings.md 改正拼写或删去。")
        settings = cls(**{name: _typed(name, str(known[name]), value) for name, value in {"secret_key": "", **values}.items()})
        settings.check()
        return settings

    def check(self) -> None:
        if len(self.secret_key) < 32 or self.secret_key.lower() in KNOWN_WEAK or len(set(self.secret_key)) < 10:
            raise SettingsError(
                "设置 secret_key 缺失或太弱（至少 32 个不易猜的字符）。请运行 hengjian init 生成，"
                "或设置环境变量 HENGJIAN_SECRET_KEY。"
            )
        if self.draw_key and len(self.draw_key) < 32:
            raise SettingsError("设置 draw_key 太短（至少 32 个字符）。请运行 hengjian init 生成。")
        if self.draw_key and self.draw_key == self.secret_key:
            raise SettingsError("设置 draw_key 不得与 secret_key 相同：抽取密值须另用一把钥匙保管。")
        if not self.database_url.startswith(DATABASES):
            raise SettingsError("设置 database_url 只支持 sqlite:///… 或 postgresql://…。")
        self._check_values()
        if not self.plain_http and not self.public_url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise SettingsError("设置 public_url 不是 https。内网明文运行请同时设置 plain_http = true（见 docs/operations.md）。")

    def _check_values(self) -> None:
        for field in fields(self):
            least = LEAST.get(field.name, 1)
            if str(field.type) == "int" and getattr(self, field.name) < least:
                raise SettingsError(f"设置 {field.name} 必须是 {least} 以上的整数。")
        if self.log_level.upper() not in LOG_LEVELS:
            raise SettingsError(f"设置 log_level 只能是 {'、'.join(LOG_LEVELS)}，收到 {self.log_level!r}。")
        if not re.fullmatch(r"unix:.+|(\[[0-9a-fA-F:]+\]|[^:/\s]+):\d{1,5}", self.bind):
            raise SettingsError(f"设置 bind 应为 地址:端口（例如 127.0.0.1:8000）或 unix:路径，收到 {self.bind!r}。")
        if self.jobs_url and not self.jobs_url.startswith(DATABASES):
            raise SettingsError("设置 jobs_url 只支持 sqlite:///… 或 postgresql://…，空为自动。")
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_issuer.startswith(("https://", "http://127.0.0.1", "http://localhost"))):
            raise SettingsError("设置 oidc_issuer 应为 https 地址，并同时设置 oidc_client_id（见 docs/operations.md）。")

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://") and not self.plain_http

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def totp_roles(self) -> frozenset[str]:
        return frozenset(part.strip() for part in self.totp_required_roles.split(",") if part.strip())


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"找不到设置文件 {path}。请检查 HENGJIAN_CONFIG，或运行 hengjian init。") from None
    except OSError as error:
        raise SettingsError(f"设置文件 {path} 读不了：{error.strerror}。请检查路径和权限（须属于运行服务的用户）。") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"设置文件 {path} 不是有效的 TOML：{error}。") from None


def _typed(name: str, kind: str, value: Any) -> Any:
    if kind == "bool":
        if isinstance(value, bool):
            return value
        if str(value).lower() in {"1", "true", "yes", "on"}:
            return True
        if str(value).lower() in {"0", "false", "no", "off", ""}:
            return False
        raise SettingsError(f"设置 {name} 应为 true 或 false，收到 {value!r}。")
    if kind == "int":
        try:
            return int(str(value))
        except ValueError:
            raise SettingsError(f"设置 {name} 应为整数，收到 {value!r}。") from None
    return Path(str(value)) if kind == "Path" else str(value)
