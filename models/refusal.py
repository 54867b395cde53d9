"""The few refusals a person may meet; each is mapped once to a page and a status by web. Everything else is a bug."""

from collections.abc import Mapping


class Refusal(Exception):
    """办理被拒绝。 Carries a Chinese source text with %(name)s places and their values."""

    status = 400

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        """The Chinese sentence with its values set in."""
        return self.message % self.params if self.params else self.message


class NotPermitted(Refusal):
    """无权办理。 The officer's roles do not reach this act."""

    status = 403


class NotFound(Refusal):
    """没有找到。 It does not exist, or the officer may not know that it does."""

    status = 404


class Outdated(Refusal):
    """页面已过期。 Somebody acted first; nothing was changed."""

    status = 409


class NotDue(Refusal):
    """时候未到或已过。 The act is only possible at another time."""

    status = 409


class Invalid(Refusal):
    """填写有误。 `fields` names each field and what to do about it; nothing was saved."""

    status = 422

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None, **params: object) -> None:
        super().__init__(message, **params)
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        """The sentence, then each field with its own; for logs and the command line."""
        return "；".join([super().__str__(), *(f"{name}：{text}" for name, text in self.fields.items())])
