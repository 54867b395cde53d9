"""Which database errors pass by themselves, so that trying again later is all they need."""

from sqlalchemy.exc import DBAPIError, OperationalError


def is_passing(error: BaseException | None) -> bool:
    """Whether it is a lock not given in time, a deadlock, a lost connection or a full disk rather than a bug."""
    return isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated)
