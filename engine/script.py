"""Lets maps compute with our own small expressions and with nothing else: no Python, no scripts, no services."""

from functools import lru_cache
from typing import Any, NoReturn

from models.expression import Expression, compile_expression


@lru_cache(maxsize=4096)
def compiled(text: str) -> Expression:
    """The expression, compiled once per process; raises ExpressionError for anything outside the whitelist."""
    return compile_expression(text.strip())


class ScriptError(Exception):
    """A map tried to run a script; maps hold no Python."""


class Expressions:
    """Takes the place of Spiff's script engine, which would hand the map to eval and exec."""

    @property
    def environment(self) -> "Expressions":
        """Spiff asks for it in correlations; the answer refuses as well."""
        return self

    def evaluate(self, task: Any, expression: str, external_context: object = None) -> object:  # noqa: ARG002 - Spiff's signature
        """The value of an expression over the token's data."""
        return compiled(expression).value(task.data)

    def execute(self, *_args: object, **_named: object) -> NoReturn:
        """Always refuses."""
        raise ScriptError("maps hold no scripts")

    def call_service(self, *_args: object, **_named: object) -> NoReturn:
        """Always refuses; service tasks run registered steps."""
        raise ScriptError("service tasks run registered steps only")


EXPRESSIONS = Expressions()
