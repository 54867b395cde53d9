"""How commands read moments from the command line."""

from datetime import datetime

import click


class IsoMoment(click.ParamType[datetime]):
    """An ISO moment with its zone."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment; refuses text that is not ISO or has no zone, with a sentence."""
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not an ISO moment, such as 2026-12-01T09:00:00+08:00", param, ctx)
        if at.tzinfo is None:
            self.fail(f"{value!r} has no zone; add +08:00", param, ctx)
        return at


moment = IsoMoment()
