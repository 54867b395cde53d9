"""The error of a file or an expression written by a person: it carries the Chinese sentence that tells them why."""


class Saying(ValueError):
    """说明。 A Chinese source text with %(name)s places and their values."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        """The Chinese sentence with its values set in."""
        return self.message % self.params if self.params else self.message
