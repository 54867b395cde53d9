"""Lets maps compute with our own small expressions and with nothing else: no Python, no scripts, no services."""

from typing import Any, NoReturn

from models.expression import compile_expression
from models.saying import Saying
from models.texts import N_


class ScriptError(Saying):
    """不许脚本。 A map tried to run a script; maps hold no Python."""


class Expressions:
    """Takes the place of Spiff's script engine, which would hand the map to eval and exec."""

    @property
    def environment(self) -> "Expressions":
        """Spiff asks for it in correlations; the answer refuses as well."""
        return self

    def evaluate(self, task: Any, expression: str, external_context: object = None) -> object:  # noqa: ARG002 - Spiff's signature
        """The value of an expression over the token's data."""
        return compile_expression(expression).value(task.data)

    def execute(self, *_args: object, **_named: object) -> NoReturn:
        """Always refuses."""
        raise ScriptError(N_("流程图里不能有脚本"))

    def call_service(self, *_args: object, **_named: object) -> NoReturn:
        """Always refuses; service tasks run registered steps."""
        raise ScriptError(N_("自动环节只能调用登记过的步骤"))


EXPRESSIONS = Expressions()
