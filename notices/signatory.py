"""What holds an organ's signing key: a file, a cryptographic device, or whatever else keeps the same promise."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pkcs11
from asn1crypto import x509
from cryptography.exceptions import UnsupportedAlgorithm
from pkcs11 import Mechanism
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
from pyhanko.sign.signers import Signer, SimpleSigner

SM2_CURVE = "1.2.156.10197.1.301"
_one_at_a_time = threading.Lock()  # PKCS#11 keeps one login per process


class Signatory(Protocol):
    """签名装置。 The adapter point: a certified seal service (签章服务) or an SM2 token is connected by a class like this.

    It must know its certificate before anything is signed, and while a session is open lend a pyHanko `Signer`, of which
    one method has to be written: `async_sign_raw(data, digest_algorithm, dry_run)`, the raw signature over `data`.
    """

    @property
    def kind(self) -> str:
        """What the administrator reads, as PKCS#12."""

    @property
    def certificate(self) -> x509.Certificate:
        """The organ's certificate."""

    def session(self) -> AbstractContextManager[Signer]:
        """The pen, for the time of one paper. Raises KeyUnusable when the key cannot be reached."""


class KeyUnusable(RuntimeError):
    """私钥无法使用。 The file does not open or the device does not answer; the reason comes from the library."""


class SM2NotConnected(KeyUnusable):
    """SM2尚未接入。 The key is of the national curve, which no library here can sign or check with."""


class KeyFile:
    """A PKCS#12 file, opened once."""

    kind = "PKCS#12"

    def __init__(self, content: bytes, passphrase: bytes, chain: Sequence[x509.Certificate] = ()) -> None:
        """Raises KeyUnusable on a wrong passphrase or a damaged file, SM2NotConnected for a key on the SM2 curve."""
        try:
            self._signer = SimpleSigner.load_pkcs12_data(content, list(chain), passphrase)
        except ValueError as refused:
            if isinstance(refused.__cause__, UnsupportedAlgorithm) and SM2_CURVE in str(refused.__cause__):
                raise SM2NotConnected from None
            raise KeyUnusable(str(refused.__cause__ or refused)) from None
        if self._signer.signing_cert is None:
            raise KeyUnusable("no certificate inside")

    @property
    def certificate(self) -> x509.Certificate:
        """The organ's certificate."""
        return self._signer.signing_cert

    @contextmanager
    def session(self) -> Iterator[Signer]:
        """The pen; the key stays in memory."""
        yield self._signer


class Device:
    """A PKCS#11 token, opened for each paper and closed after it: it may be pulled, and forked workers inherit nothing."""

    kind = "PKCS#11"

    def __init__(
        self, module: str, pin: str, *, token: str, key: str, certificate: str, chain: Sequence[x509.Certificate] = ()
    ) -> None:
        """`module` is the path of the token's library; token, key and certificate are found by their labels.

        Raises KeyUnusable when one is not found, SM2NotConnected for a key on the SM2 curve.
        """
        self._module, self._token, self._key, self._label, self._pin = module, token, key, certificate, pin
        self._chain = list(chain)
        with self.session() as signer:
            self._certificate = signer.signing_cert
        if is_sm2(self._certificate):
            raise SM2NotConnected

    @property
    def certificate(self) -> x509.Certificate:
        """The organ's certificate, as read from the token at first."""
        return self._certificate

    @contextmanager
    def session(self) -> Iterator[Signer]:
        """The pen, while the token is logged in; other papers wait. Raises KeyUnusable."""
        with _one_at_a_time, self._opened() as token:
            try:
                signer = PKCS11Signer(
                    token,
                    self._label,
                    ca_chain=self._chain,
                    key_label=self._key,
                    use_raw_mechanism=_takes_only_digests(token),
                )
                assert signer.signing_cert is not None  # reading it reads the key too
            except pkcs11.PKCS11Error as failed:
                raise KeyUnusable(_said(failed)) from None
            yield signer

    @contextmanager
    def _opened(self) -> Iterator[pkcs11.Session]:
        try:
            library = pkcs11.lib(self._module)
        except (pkcs11.PKCS11Error, RuntimeError, OSError) as failed:
            raise KeyUnusable(_said(failed)) from None
        try:
            token = open_pkcs11_session(self._module, None, TokenCriteria(self._token), self._pin)
        except pkcs11.PKCS11Error as failed:
            library.finalize()
            raise KeyUnusable(_said(failed)) from None
        try:
            yield token
        finally:
            token.close()
            library.finalize()


def is_sm2(certificate: x509.Certificate) -> bool:
    """Whether a certificate's key lies on the national curve."""
    algorithm = certificate.public_key["algorithm"]
    return bool(algorithm["algorithm"].native == "ec" and algorithm["parameters"].native == SM2_CURVE)


def _takes_only_digests(token: pkcs11.Session) -> bool:
    """Whether we must hash for the token: many sign a digest on elliptic curves, but take no text."""
    return Mechanism.ECDSA_SHA256 not in token.token.slot.get_mechanisms()


def _said(failed: Exception) -> str:
    return f"{type(failed).__name__} {failed}".strip()
