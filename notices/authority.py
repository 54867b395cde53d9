"""Whom a paper's signatures rest on: trusted roots, what has been revoked, and who vouches for the time."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import crl, keys, x509
from pyhanko.sign.timestamps import DummyTimeStamper, HTTPTimeStamper, TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

BASIC, LONG_TERM = "B-B", "B-LTA"  # PAdES: signed only; signed, dated by an authority, with all that proves it inside
TSA_SECONDS = 10  # a time-stamp authority that is slower is taken for dead

# All pyHanko has to say comes back as a status or an exception; its log would repeat it for whatever a stranger hands in.
for name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(name).setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class LocalClock:
    """A time-stamp authority of our own, for trials: it dates whatever it is told to."""

    certificate: x509.Certificate
    key: keys.PrivateKeyInfo = field(repr=False)


@dataclass(frozen=True)
class Authority:
    """认证机构。 Roots trusted, certificates between, revocation lists; `demo` marks one that has no legal force."""

    roots: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()
    tsa_url: str = ""
    local_clock: LocalClock | None = None
    demo: bool = False

    @property
    def level(self) -> str:
        """The PAdES level its signatures reach: B-LTA needs a time-stamp authority and revocation lists."""
        return LONG_TERM if self.crls and (self.tsa_url or self.local_clock) else BASIC

    def time_stamper(self, at: datetime) -> TimeStamper:
        """Who dates a signature made at that moment; only a local clock needs to be told."""
        if self.local_clock is None:
            return HTTPTimeStamper(self.tsa_url, timeout=TSA_SECONDS)
        chain = SimpleCertificateStore.from_certs(self.intermediates)
        return DummyTimeStamper(self.local_clock.certificate, self.local_clock.key, chain, fixed_dt=at)

    def terms(self, at: datetime, *, more_proofs: bool = False) -> dict[str, Any]:
        """On what terms certificates are checked as of a moment, never by asking the network.

        Each certificate must be cleared of revocation where lists are at hand, here or (`more_proofs`) in the paper.
        """
        return {
            "trust_roots": list(self.roots),
            "other_certs": list(self.intermediates),
            "crls": list(self.crls),
            "moment": at,
            "allow_fetching": False,
            # "soft-fail" would not even look into a list that the certificate itself does not name.
            "revocation_mode": "require" if self.crls or more_proofs else "soft-fail",
            "retroactive_revinfo": True,  # a list published after the signature still speaks about its time
        }

    def context(self, at: datetime) -> ValidationContext:
        """Those terms as pyHanko takes them."""
        return ValidationContext(**self.terms(at))
