"""Check-ins at the door 扫码入企."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inspection.db import Base
from inspection.sealing import SEALED


class Arrival(Base):
    """签到、签退: one inspector at the door of a visit, at the server's moment; a position or the reason why there is none; insert-only."""

    __tablename__ = "arrivals"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    kind: Mapped[str] = mapped_column(String(3))  # in, out
    how: Mapped[str] = mapped_column(String(10))  # qr: the label was scanned; manual: a code was typed; button: check-out
    at: Mapped[datetime]
    latitude: Mapped[Decimal | None]
    longitude: Mapped[Decimal | None]
    accuracy_m: Mapped[int | None]
    distance_m: Mapped[int | None]  # from the coordinates in the register; None = one of the two is not known
    no_position_reason: Mapped[str] = mapped_column(String(200), default="")
    far_reason: Mapped[str] = mapped_column(String(200), default="")
    by_id: Mapped[int]
    by_name: Mapped[str] = mapped_column(String(100))

    __table_args__ = (CheckConstraint("kind IN ('in','out')", name="kind"), {"info": SEALED})
