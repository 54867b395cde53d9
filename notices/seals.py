"""Which seal an organ has: `seals.toml` in the folder of seals, every entry checked before the first paper is signed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from asn1crypto import x509
from pyhanko.sign.signers import SimpleSigner

from models.clock import SHANGHAI
from models.texts import N_
from notices.authority import Authority, LocalClock
from notices.seal_face import NATIONAL, STAR, TRIAL
from notices.seal_file import Table, WrongSeal, certificates, revocation_lists
from notices.signatory import Device, KeyFile, KeyUnusable, Signatory, SM2NotConnected

FILE = "seals.toml"
AUTHORITY = "authority"
DIAMETERS = (42, 45)  # mm: bureaus, and governments of districts
FACE_KEYS = frozenset({"name", "subject", "diameter_mm", "emblem"})
KEY_FILE_KEYS = frozenset({"pkcs12", "passphrase_file"})
DEVICE_KEYS = frozenset({"pkcs11_module", "token_label", "key_label", "cert_label", "pin_file"})
AUTHORITY_KEYS = frozenset(
    {"roots", "intermediates", "crls", "tsa", "tsa_url", "tsa_pkcs12", "tsa_passphrase_file", "demo"}
)


@dataclass(frozen=True)
class Seal:
    """印章。 One organ's face and key; `subject` names whom the certificate was issued to."""

    organ: str
    name: str
    diameter_mm: int
    emblem: str
    authority: Authority = field(repr=False)
    signatory: Signatory = field(repr=False)
    file: str = FILE

    @property
    def middle(self) -> str:
        """What the face shows inside the name: in a trial never anything that could pass for real."""
        return TRIAL if self.authority.demo else self.emblem

    @property
    def subject(self) -> str:
        """Whom the certificate was issued to, in one line."""
        return whom(self.signatory.certificate)

    def require_valid(self, at: datetime) -> None:
        """Raises WrongSeal unless its certificate is in force at a moment."""
        certificate = self.signatory.certificate
        if not certificate.not_valid_before <= at <= certificate.not_valid_after:
            raise WrongSeal(
                N_("%(file)s中[%(organ)s]的证书有效期为%(since)s至%(until)s，%(at)s不在其内，请换用有效的证书。"),
                file=self.file,
                organ=self.organ,
                since=_day(certificate.not_valid_before),
                until=_day(certificate.not_valid_after),
                at=_day(at),
            )


@dataclass(frozen=True)
class SealSummary:
    """A seal as the administrator sees it; `level` is the PAdES level its papers reach, `valid_until` in UTC."""

    organ: str
    name: str
    subject: str
    issuer: str
    valid_until: datetime
    kind: str
    level: str
    demo: bool


class Seals:
    """The seals at hand, by code of organ, and the authority all of them rest on."""

    def __init__(self, seals: Mapping[str, Seal] | None = None, authority: Authority | None = None) -> None:
        self._seals = dict(seals or {})
        self.authority = authority or Authority()

    def of(self, organ_code: str) -> Seal | None:
        """The organ's seal; None when its papers are issued unsealed."""
        return self._seals.get(organ_code)

    def summary(self) -> list[SealSummary]:
        """All seals in the order of the file."""
        return [_summary(seal) for seal in self._seals.values()]


class Cabinet:
    """印章柜. The folder's seals as they are now: read again when `seals.toml` has changed, so that none needs a restart."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._read: tuple[int, Seals] | None = None

    def current(self) -> Seals:
        """The seals at hand; raises WrongSeal as `load_seals` does."""
        file = self._folder / FILE if self._folder else None
        stamp = file.stat().st_mtime_ns if file and file.is_file() else 0
        if self._read is None or self._read[0] != stamp:
            self._read = (stamp, load_seals(self._folder))
        return self._read[1]


def load_seals(folder: Path | None, *, at: datetime | None = None) -> Seals:
    """The seals a folder describes; none when there is no folder or no `seals.toml` in it.

    Every file is opened and every certificate read. Raises WrongSeal for an unknown or lacking key, a missing file, a
    wrong passphrase, a device that does not answer, a certificate of another organ and, when `at` is given, one not in
    force at that moment.
    """
    if folder is None or not (folder / FILE).is_file():
        return Seals()
    path = folder / FILE
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise WrongSeal(N_("%(file)s无法读取：%(detail)s。请改正这一行。"), file=path, detail=wrong) from None
    authority = _authority(Table(path, AUTHORITY, tables.pop(AUTHORITY, {})))
    seals = {organ: _seal(Table(path, organ, table), authority) for organ, table in tables.items()}
    if at is not None:
        for seal in seals.values():
            seal.require_valid(at)
    return Seals(seals, authority)


def whom(certificate: x509.Certificate) -> str:
    """Whom a certificate was issued to: its common name, else its organisation, else the whole name."""
    names = certificate.subject.native
    return str(names.get("common_name") or names.get("organization_name") or certificate.subject.human_friendly)


def _authority(table: Table) -> Authority:
    table.allow(AUTHORITY_KEYS)
    table.require("roots")
    demo = table.choice("demo", (False, True))
    return Authority(
        roots=table.read_all("roots", certificates),
        intermediates=table.read_all("intermediates", certificates),
        crls=table.read_all("crls", revocation_lists),
        tsa_url=str(table.content.get("tsa_url", "")),
        local_clock=_local_clock(table, demo=demo) if "tsa" in table.content else None,
        demo=demo,
    )


def _local_clock(table: Table, *, demo: bool) -> LocalClock:
    table.choice("tsa", ("local",))
    table.require("tsa_pkcs12", "tsa_passphrase_file")
    if not demo or table.content.get("tsa_url"):
        table.refuse(N_("%(file)s的[%(organ)s]中tsa只用于演示（demo = true），正式使用请改写为tsa_url。"))
    signer = _opened(table, "tsa_pkcs12", "tsa_passphrase_file", ())
    with signer.session() as pen:
        assert isinstance(pen, SimpleSigner)
        return LocalClock(signer.certificate, pen.signing_key)


def _seal(table: Table, authority: Authority) -> Seal:
    on_device = "pkcs11_module" in table.content
    store_keys = DEVICE_KEYS if on_device else KEY_FILE_KEYS
    table.allow(FACE_KEYS | store_keys)
    table.require("name", *sorted(store_keys))
    signatory = (
        _device(table, authority) if on_device else _opened(table, "pkcs12", "passphrase_file", authority.intermediates)
    )
    _require_owner(table, signatory.certificate)
    return Seal(
        organ=table.organ,
        name=str(table.content["name"]),
        diameter_mm=table.choice("diameter_mm", DIAMETERS),
        emblem=table.choice("emblem", (STAR, NATIONAL)),
        authority=authority,
        signatory=signatory,
        file=str(table.path),
    )


def _opened(table: Table, file: str, passphrase: str, chain: tuple[x509.Certificate, ...]) -> KeyFile:
    name = table.content[file]
    content, secret = table.bytes_of(name), table.secret(passphrase).encode()
    try:
        return KeyFile(content, secret, chain)
    except SM2NotConnected:
        raise _no_sm2(table) from None
    except KeyUnusable:
        table.refuse(
            N_("%(file)s的[%(organ)s]所列的%(name)s打不开：口令不对，或文件已损坏。请核对口令文件。"), name=name
        )


def _device(table: Table, authority: Authority) -> Device:
    module, token, key, certificate = (
        str(table.content[key]) for key in ("pkcs11_module", "token_label", "key_label", "cert_label")
    )
    pin, chain = table.secret("pin_file"), authority.intermediates
    try:
        return Device(module, pin, token=token, key=key, certificate=certificate, chain=chain)
    except SM2NotConnected:
        raise _no_sm2(table) from None
    except KeyUnusable as failed:
        table.refuse(
            N_("%(file)s的[%(organ)s]所用的密码设备不能用：%(detail)s。请检查设备是否接好，标签和PIN是否正确。"),
            detail=failed,
        )


def _no_sm2(table: Table) -> WrongSeal:
    return WrongSeal(
        N_("%(file)s的[%(organ)s]用的是SM2证书，国密签名尚未接入。请暂用ECDSA或RSA证书，或接入签章服务。"),
        file=table.path,
        organ=table.organ,
    )


def _require_owner(table: Table, certificate: x509.Certificate) -> None:
    """Two files put under each other's organ would seal papers in the wrong name."""
    expected = str(table.content.get("subject") or table.content["name"])
    subject = certificate.subject.human_friendly
    if expected not in subject:
        table.refuse(
            N_("%(file)s的[%(organ)s]的证书发给“%(subject)s”，其中没有“%(expected)s”。请核对证书，或用subject写明。"),
            subject=whom(certificate),
            expected=expected,
        )


def _summary(seal: Seal) -> SealSummary:
    certificate = seal.signatory.certificate
    issuer = certificate.issuer.native
    return SealSummary(
        organ=seal.organ,
        name=seal.name,
        subject=seal.subject,
        issuer=str(issuer.get("common_name") or certificate.issuer.human_friendly),
        valid_until=certificate.not_valid_after,
        kind=seal.signatory.kind,
        level=seal.authority.level,
        demo=seal.authority.demo,
    )


def _day(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"
