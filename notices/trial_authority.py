"""A certificate authority for trials: what demo and tests sign with. Everything in it says 演示; nobody else trusts it."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from notices.seals import FILE

YEARS = timedelta(days=20 * 365)  # before and after the given moment: a demo's clock may be turned far
PRIVATE = 0o600
KDF_ROUNDS = 1000  # passphrases are 192 random bits; stretching adds nothing to them but start-up time
LONGEST_NAME = 17  # characters before （演示）: a name in a certificate has at most 64 bytes
SIGNS, DATES, CERTIFIES = "signs", "dates", "certifies"

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class TrialAuthority:
    """A root made for one occasion; its key lives in memory only, so that nothing can be added later."""

    def __init__(self, at: datetime) -> None:
        """Certificates will be in force twenty years before and after `at`."""
        self._since, self._until = at - YEARS, at + YEARS
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("督办系统演示根证书")
        self.root = self._certificate(self._name, self._key.public_key(), CERTIFIES, self._since, self._until)

    def issue(
        self, name: str, key: Key | None = None, *, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[x509.Certificate, Key]:
        """A certificate for an organ's seal, and its key (ECDSA P-256 unless one is brought)."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = _named(f"{name[:LONGEST_NAME]}（演示）")
        return self._certificate(subject, key.public_key(), SIGNS, since or self._since, until or self._until), key

    def clock(self) -> tuple[x509.Certificate, Key]:
        """A certificate for a time-stamp authority, and its key (RSA: pyHanko's own stamper knows no other)."""
        key = rsa.generate_private_key(65537, 2048)
        subject = _named("督办系统演示时间戳")
        return self._certificate(subject, key.public_key(), DATES, self._since, self._until), key

    def revocation_list(self, *revoked: tuple[x509.Certificate, datetime]) -> bytes:
        """The list of revoked certificates and since when, as PEM."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        builder = builder.last_update(self._since).next_update(self._until)
        builder = builder.add_extension(x509.CRLNumber(1), critical=False)
        for certificate, since in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(since)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, use: str, *term: datetime
    ) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(term[0]).not_valid_after(term[1])
        builder = builder.add_extension(
            x509.BasicConstraints(ca=use == CERTIFIES, path_length=0 if use == CERTIFIES else None), critical=True
        )
        builder = builder.add_extension(_key_usage(certifies=use == CERTIFIES), critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(own, critical=False)
        if use == DATES:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        return builder.sign(self._key, hashes.SHA256())


def make_trial_seals(
    folder: Path, organs: Mapping[str, str], at: datetime, *, wide: frozenset[str] = frozenset()
) -> Path:
    """Fill a folder with a trial authority, a seal for each organ (code: name) and `seals.toml`; returns the folder.

    Those in `wide` have a face of 45 mm with the place of the national emblem, as governments of districts do. The
    folder is for `load_seals`; its papers reach B-LTA without any network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority = TrialAuthority(at)
    (folder / "root.pem").write_bytes(authority.root.public_bytes(serialization.Encoding.PEM))
    (folder / "revoked.pem").write_bytes(authority.revocation_list())
    write_key_file(folder, "tsa", *authority.clock())
    for code, name in organs.items():
        write_key_file(folder, code, *authority.issue(name))
    tables = [_table(code, name, wide=code in wide) for code, name in organs.items()]
    (folder / FILE).write_text("\n".join([AUTHORITY, *tables]), "utf-8")
    return folder


AUTHORITY = """\
# 演示用印章：由系统自行生成，没有法律效力。正式印章请另建文件夹，写法见说明书。
[authority]
roots = ["root.pem"]
crls = ["revoked.pem"]
tsa = "local"
tsa_pkcs12 = "tsa.p12"
tsa_passphrase_file = "tsa.pass"
demo = true
"""


def write_key_file(folder: Path, name: str, certificate: x509.Certificate, key: Key) -> None:
    """Write `name`.p12 and, beside it, its passphrase in `name`.pass; both for the owner's eyes only."""
    passphrase = secrets.token_urlsafe(24)
    lock = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(KDF_ROUNDS)
    sealed = pkcs12.serialize_key_and_certificates(None, key, certificate, None, lock.build(passphrase.encode()))
    for file, content in ((f"{name}.p12", sealed), (f"{name}.pass", f"{passphrase}\n".encode())):
        path = folder / file
        path.touch(PRIVATE)
        path.chmod(PRIVATE)
        path.write_bytes(content)


def _table(code: str, name: str, *, wide: bool) -> str:
    face = 'diameter_mm = 45\nemblem = "national"' if wide else 'diameter_mm = 42\nemblem = "star"'
    head = f"[{_quoted(code)}]\nname = {_quoted(name)}\nsubject = {_quoted(name[:LONGEST_NAME])}\n{face}\n"
    return f"{head}pkcs12 = {_quoted(code + '.p12')}\npassphrase_file = {_quoted(code + '.pass')}\n"


def _quoted(text: str) -> str:
    """A text as TOML writes it, which is how JSON does."""
    return json.dumps(text, ensure_ascii=False)


def _named(common_name: str) -> x509.Name:
    names = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "督办系统演示"),
        (NameOID.COMMON_NAME, common_name),
    )
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in names])


def _key_usage(*, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certifies,
        content_commitment=not certifies,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )
