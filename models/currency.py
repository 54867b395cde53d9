"""币种与折算: money keeps the currency it came in; it is converted only by a dated rate row, never by a guess."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment, Scaled
from models.texts import N_

HOME = "CNY"
CURRENCIES: dict[str, str] = {
    "CNY": N_("人民币"),
    "USD": N_("美元"),
    "EUR": N_("欧元"),
    "HKD": N_("港元"),
    "JPY": N_("日元"),
}
CENT = Decimal("0.000001")  # 分, in 万元


class Rate(Base):
    """汇率。 Yuan for one unit of `currency` from the day `on` until the next row."""

    __tablename__ = "rate"
    __table_args__ = (UniqueConstraint("currency", "on"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    on: Mapped[date] = mapped_column(Date)
    yuan: Mapped[Decimal] = mapped_column(Scaled(8))
    source: Mapped[str] = mapped_column(String(200))
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    filed_at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True)
class Rates:
    """The rates known: by currency, latest day first."""

    rows: Mapping[str, tuple[tuple[date, Decimal], ...]]

    def yuan(self, currency: str, on: date) -> Decimal | None:
        """Yuan for one unit of a currency on a day; None without a row on or before it."""
        if currency == HOME:
            return Decimal(1)
        return next((rate for since, rate in self.rows.get(currency, ()) if since <= on), None)

    def convert(self, amount: Decimal, currency: str, on: date, into: str = HOME) -> Decimal | None:
        """The amount in another currency by the rates of that day, to the cent; None when a rate is missing."""
        if currency == into:
            return amount
        there, here = self.yuan(currency, on), self.yuan(into, on)
        return None if there is None or here is None else (amount * there / here).quantize(CENT)


def rates_of(rows: Iterable[tuple[str, date, Decimal]]) -> Rates:
    """Rates from (currency, day, yuan), in any order."""
    found: dict[str, list[tuple[date, Decimal]]] = {}
    for currency, on, yuan in rows:
        found.setdefault(currency, []).append((on, Decimal(yuan)))
    return Rates({currency: tuple(sorted(days, reverse=True)) for currency, days in found.items()})


def load_rates(session: Session) -> Rates:
    """All rates of the house; there are few."""
    return rates_of(session.execute(select(Rate.currency, Rate.on, Rate.yuan)))
