"""Judges a paper by what is inside it: who sealed it, when, and whether anything was changed since. Asks no network."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Literal

from asn1crypto import cms, x509
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    DocumentTimestampStatus,
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko_certvalidator import ValidationContext

from models.texts import N_
from notices.authority import BASIC, LONG_TERM, Authority
from notices.seals import Seals, whom

MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE
MOST_REVISIONS, MOST_FIELDS, MOST_PROOFS = 64, 16, 64  # an issued paper has three to a dozen of each
LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=64 * MEGABYTE),
    document_budget=DocumentDecodeBudget(base_allowance=64 * MEGABYTE, max_ratio=10),
)
DATED, PROVEN = "B-T", "B-LT"
Verdict = Literal["valid", "unsigned", "altered", "untrusted", "unreadable"]

UNREADABLE = N_("文件不是能读的PDF。")
TOO_LARGE = N_("文件过大，无法核验。")
UNSIGNED = N_("文件没有签章。")
ALTERED = N_("文件在签章以后被改动。")
SEAL_LACKING = N_("文件上应有的签章或时间戳缺少一处。")
UNTRUSTED = N_("签章证书不为本系统信任，或者签章时不在有效期内、已被吊销。")
STRANGER = N_("签章的不是本系统登记的单位。")
VALID = N_("签章有效，文件自签章以来没有改动。")


@dataclass(frozen=True)
class Judgement:
    """核验结论。 `signed_at` is UTC: by the time-stamp authority, at level B-B only as the signer says; `reason` is Chinese."""

    verdict: Verdict
    reason: str
    subject: str = ""
    signed_at: datetime | None = None
    level: str = ""


def judge(pdf: bytes, trusted: Seals | Authority, *, at: datetime | None = None) -> Judgement:
    """What a file is worth; never raises, whatever it is given.

    With Seals a signer must also be one of their organs; with an Authority anyone under its roots will do. A time-stamped
    signature is judged as of its time stamp, another as of `at` or, without it, of the time it claims for itself.
    """
    if len(pdf) > LARGEST or pdf.count(b"startxref") > MOST_REVISIONS:
        return Judgement("unreadable", TOO_LARGE)
    try:
        paper = _Paper(pdf, trusted, at)
    except Exception:  # noqa: BLE001 - a parser meets what a stranger made for it
        return Judgement("unreadable", UNREADABLE)
    if not paper.seals:
        return Judgement("unsigned", UNSIGNED)
    try:
        return asyncio.run(paper.judgement())
    except Exception:  # noqa: BLE001 - a signature that cannot even be checked was tampered with
        return Judgement("altered", ALTERED)


class _Paper:
    """A file opened, its signatures found, nothing checked yet."""

    def __init__(self, pdf: bytes, trusted: Seals | Authority, at: datetime | None) -> None:
        self._authority = trusted.authority if isinstance(trusted, Seals) else trusted
        self._known = {row.subject for row in trusted.summary()} if isinstance(trusted, Seals) else set()
        self._at = at
        reader = PdfFileReader(BytesIO(pdf), strict=True, decode_limits=LIMITS)
        _refuse_many_fields(reader)
        self._complete = all(value is not None for _, value, _ in enumerate_sig_fields(reader))
        self.seals: list[EmbeddedPdfSignature] = reader.embedded_regular_signatures
        self._stamps: list[EmbeddedPdfSignature] = reader.embedded_timestamp_signatures
        self._proofs = DocumentSecurityStore.read_dss(reader) if "/DSS" in reader.root else None
        self._refuse_maze()

    def _refuse_maze(self) -> None:
        """Raises ValueError for certificates of one name: among them pyHanko tries every path, 9 take it half a second."""
        found: list[x509.Certificate] = []
        for signature in (*self.seals, *self._stamps):
            found += _certificates(signature.signed_data)
            for stamp in extract_tst_data_iter(signature.signer_info, signed=False):
                found += _certificates(stamp)
        if self._proofs is not None:
            self._proofs.ocsps.clear()  # ours hold none, and others' bring certificates past this check
            if len(self._proofs.certs) + len(self._proofs.crls) > MOST_PROOFS:
                raise ValueError("too many proofs")
            found += self._proofs.load_certs()
        different = {certificate.dump(): certificate.subject.hashable for certificate in found}
        if len(set(different.values())) < len(different):
            raise ValueError("certificates of one name")

    async def judgement(self) -> Judgement:
        """The worst that holds for any of its signatures.

        What lies between them is examined only when a trusted one covers the file to its end: no stranger can make us
        work through what he appended, and a paper of ours never ends otherwise.
        """
        first = [await self._status(seal, thorough=False) for seal in self.seals]
        stamps = [await self._stamp_status(stamp) for stamp in self._stamps]
        if not all(status.intact and status.valid for status in (*first, *stamps)):
            return self._said("altered", ALTERED, first)
        if not all(status.bottom_line for status in first):
            return self._said("untrusted", UNTRUSTED, first)
        if self._known and not all(whom(seal.signer_cert) in self._known for seal in self.seals):
            return self._said("untrusted", STRANGER, first)
        archived = [status for status in stamps if status.trusted]
        if not any(status.coverage is SignatureCoverageLevel.ENTIRE_FILE for status in (*first, *archived)):
            return self._said("altered", ALTERED, first)
        final = [await self._status(seal, thorough=True) for seal in self.seals]
        if not all(status.bottom_line for status in final):
            return self._said("altered", ALTERED, final)
        if not self._complete:
            return self._said("altered", SEAL_LACKING, final)
        return self._said("valid", VALID, final, self._level(final, archived=bool(archived)))

    async def _status(self, seal: EmbeddedPdfSignature, *, thorough: bool) -> PdfSignatureStatus:
        claimed = seal.self_reported_timestamp or seal.signer_cert.not_valid_before
        context = self._context(_dated(seal) or self._at or claimed)
        return await async_validate_pdf_signature(seal, context, skip_diff=not thorough)

    async def _stamp_status(self, stamp: EmbeddedPdfSignature) -> DocumentTimestampStatus:
        """Checked as of the moment it states."""
        moment = stamp.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
        return await async_validate_pdf_timestamp(stamp, self._context(moment), skip_diff=True)

    def _context(self, moment: datetime) -> ValidationContext:
        if self._proofs is None:
            return self._authority.context(moment)
        terms = self._authority.terms(moment, more_proofs=bool(self._proofs.crls))
        return self._proofs.as_validation_context(terms)

    def _level(self, statuses: list[PdfSignatureStatus], *, archived: bool) -> str:
        if not all(status.timestamp_validity for status in statuses):
            return BASIC
        if self._proofs is None or not self._proofs.crls:
            return DATED
        return LONG_TERM if archived else PROVEN

    def _said(self, verdict: Verdict, reason: str, statuses: list[PdfSignatureStatus], level: str = "") -> Judgement:
        subjects = dict.fromkeys(whom(seal.signer_cert) for seal in self.seals)
        stamp = statuses[0].timestamp_validity
        moment = stamp.timestamp if stamp else self.seals[0].self_reported_timestamp
        return Judgement(verdict, reason, "、".join(subjects), moment, level)


def _certificates(signed: cms.SignedData) -> list[x509.Certificate]:
    held = signed["certificates"]
    if not isinstance(held, cms.CertificateSet):
        return []
    return [choice.chosen for choice in held if choice.name == "certificate"]


def _refuse_many_fields(reader: PdfFileReader) -> None:
    """Raises ValueError when a form has more fields than any paper of ours, counting those within others."""
    waiting, seen = list(reader.root["/AcroForm"]["/Fields"]) if "/AcroForm" in reader.root else [], 0
    while waiting:
        field, seen = waiting.pop().get_object(), seen + 1
        if "/Kids" in field:
            waiting += field["/Kids"]
        if seen + len(waiting) > MOST_FIELDS:
            raise ValueError("too many fields")


def _dated(seal: EmbeddedPdfSignature) -> datetime | None:
    """When a time-stamp authority says the signature existed; whether to believe it is checked with the signature."""
    for stamp in extract_tst_data_iter(seal.signer_info, signed=False):
        moment: datetime = stamp["encap_content_info"]["content"].parsed["gen_time"].native
        return moment
    return None
