"""Reads `seals.toml`: one table at a time, and every complaint names the file, the organ and what to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from asn1crypto import crl, pem, x509
from pyhanko.keys import load_certs_from_pemder_data

from models.refusal import Refusal
from models.texts import N_

Value = TypeVar("Value")


class WrongSeal(Refusal):
    """印章配置有误。 Says which file and organ, what is wrong, and what to do; nothing is signed with it."""

    status = 422


class Table:
    """One table of the file, and how what is wrong with it is said."""

    def __init__(self, path: Path, organ: str, content: Any) -> None:
        self.path, self.organ = path, organ
        self.content: dict[str, Any] = content if isinstance(content, dict) else {}
        if not isinstance(content, dict):
            self.refuse(N_("%(file)s中的%(organ)s不在任何一段之内，请移到所属单位的段中。"))

    def refuse(self, message: str, **params: object) -> NoReturn:
        """Raises WrongSeal with the file and the organ set in."""
        raise WrongSeal(message, file=self.path, organ=self.organ, **params)

    def allow(self, known: frozenset[str]) -> None:
        """Refuse keys nobody reads."""
        if unknown := sorted(self.content.keys() - known):
            self.refuse(N_("%(file)s的[%(organ)s]中有不认识的项：%(keys)s。请改正或删去。"), keys="、".join(unknown))

    def require(self, *needed: str) -> None:
        """Refuse when one of these is not written."""
        if lacking := [key for key in needed if not self.content.get(key)]:
            self.refuse(N_("%(file)s的[%(organ)s]中缺少：%(keys)s。请补上。"), keys="、".join(lacking))

    def choice(self, key: str, allowed: tuple[Value, ...]) -> Value:
        """The value of a key, the first allowed one when it is not written."""
        value = self.content.get(key, allowed[0])
        if value not in allowed or isinstance(value, bool) is not isinstance(allowed[0], bool):
            self.refuse(
                N_("%(file)s的[%(organ)s]中%(key)s不能是%(value)s，只能是：%(allowed)s。"),
                key=key,
                value=value,
                allowed="、".join(map(str, allowed)),
            )
        return allowed[allowed.index(value)]

    def bytes_of(self, name: object) -> bytes:
        """A file named in the table, beside it unless its whole path is given."""
        try:
            return (self.path.parent / str(name)).read_bytes()
        except OSError:
            self.refuse(N_("%(file)s的[%(organ)s]所列的文件%(name)s不存在或读不出，请放好该文件。"), name=name)

    def secret(self, key: str) -> str:
        """The passphrase or PIN in a file of its own, without the line's end."""
        return self.bytes_of(self.content[key]).decode("utf-8", "replace").strip()

    def read_all(self, key: str, read: Callable[[bytes], list[Any]]) -> tuple[Any, ...]:
        """What the files listed under a key hold."""
        names = self.content.get(key, [])
        found: list[Any] = []
        for name in names if isinstance(names, list) else [names]:
            content = self.bytes_of(name)
            try:
                found += read(content)
            except (ValueError, TypeError):
                self.refuse(
                    N_("%(file)s的[%(organ)s]中%(key)s所列的%(name)s内容不对，请换成正确的文件。"), key=key, name=name
                )
        return tuple(found)


def certificates(content: bytes) -> list[x509.Certificate]:
    """All certificates of a PEM or DER file; raises ValueError when there is none or one is damaged."""
    found = list(load_certs_from_pemder_data(content))
    if not found or not all(each.subject.native for each in found):  # read now: asn1crypto is lazy
        raise ValueError("no certificate")
    return found


def revocation_lists(content: bytes) -> list[crl.CertificateList]:
    """All revocation lists of a PEM or DER file; raises ValueError when one is damaged."""
    ders = [der for _, _, der in pem.unarmor(content, multiple=True)] if pem.detect(content) else [content]
    found = [crl.CertificateList.load(der, strict=True) for der in ders]
    if not all(each.issuer.native for each in found):
        raise ValueError("no revocation list")
    return found
