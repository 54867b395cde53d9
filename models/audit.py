"""留痕: one append-only line for every act and every refusal."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json, Key, Moment


class AuditEntry(Base):
    """留痕。 Who did what to which thing, when, from where, and with what outcome; never changed afterwards."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "kind", "subject_id"), Index("ix_audit_entry_at", "at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    officer_id: Mapped[int | None] = mapped_column(Key)
    who: Mapped[str] = mapped_column(String(80))
    act: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(Key)
    refused: Mapped[bool] = mapped_column(default=False)
    detail: Mapped[Any] = mapped_column(Json, nullable=True)
    address: Mapped[str] = mapped_column(String(64), default="")
