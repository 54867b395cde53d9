"""发文: a paper in the making – its text, who drafts, checks, countersigns and signs it, round by round."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.permit import permit
from models.texts import N_

permit("dispatch.start", N_("拟发公文"), roles=("officer", "head", "supervisor", "leader"), scope="organ")


class Dispatch(Base):
    """文稿。 `text` is what the paper will say, as last typed; `opinions` what each hand of the chain wrote, in order."""

    __tablename__ = "dispatch"
    __table_args__ = (Index("ix_dispatch_process", "process_id"), Index("ix_dispatch_project", "project_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # of models.notice.KINDS
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    to_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    about_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    text: Mapped[Any] = mapped_column(Json)
    opinions: Mapped[Any] = mapped_column(Json)
    round: Mapped[int] = mapped_column(Integer, default=1)
    drafted_by: Mapped[str] = mapped_column(String(80))
    began_at: Mapped[datetime] = mapped_column(Moment)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


def dispatch_of_process(session: Session, process_id: int) -> Dispatch:
    """The draft a process runs for."""
    return session.scalars(select(Dispatch).where(Dispatch.process_id == process_id)).one()
