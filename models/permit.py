"""Who may do what, for which organs: permits are declared beside each mechanism and asked at the door of each command."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from models.texts import N_

ROLES: dict[str, str] = {
    "officer": N_("经办人"),
    "head": N_("单位负责人"),
    "supervisor": N_("督办人员"),
    "leader": N_("领导"),
    "admin": N_("系统管理员"),
    "auditor": N_("审计员"),
}
Scope = Literal["organ", "city", "any"]


@dataclass(frozen=True)
class Grant:
    """授权。 One role held for one organ; `city` when that organ serves the whole city."""

    role: str
    organ_id: int
    city: bool = False


@dataclass(frozen=True)
class Permit:
    """权限。 `scope` organ: only for one's own organ; city: also for all, when that organ serves the city; any: no object."""

    word: str
    name_zh: str
    roles: frozenset[str]
    scope: Scope

    def allows(self, grants: Iterable[Grant], organ_ids: Iterable[int | None] = ()) -> bool:
        """Whether one of the grants has the role and reaches one of the organs."""
        organs = set(organ_ids)
        return any(grant.role in self.roles and self._reaches(grant, organs) for grant in grants)

    def _reaches(self, grant: Grant, organs: set[int | None]) -> bool:
        if self.scope == "any" or (self.scope == "city" and grant.city):
            return True
        return grant.organ_id in organs


PERMITS: dict[str, Permit] = {}


def permit(word: str, name_zh: str, *, roles: Iterable[str], scope: Scope) -> Permit:
    """Declare a permit once; raises ValueError for an unknown role or a word declared twice with another meaning."""
    declared = Permit(word, name_zh, frozenset(roles), scope)
    if unknown := declared.roles - set(ROLES):
        raise ValueError(f"permit {word}: unknown roles {sorted(unknown)}")
    if PERMITS.setdefault(word, declared) != declared:
        raise ValueError(f"permit {word} is declared twice")
    return declared
