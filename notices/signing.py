"""Signs a paper: each organ's seal at its place, PAdES, the first organ's signature certifying that nothing else is added."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import pkcs11
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    PdfSigningSession,
    SigDSSPlacementPreference,
    TimestampDSSContentSettings,
)
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

from models.texts import N_
from notices.authority import LONG_TERM
from notices.printed import Printed
from notices.seal_field import ARCHIVE, Impression, Revision, add_fields, field_name
from notices.seal_file import WrongSeal
from notices.seals import Seal
from notices.signatory import KeyUnusable

DIGEST = "sha256"
# What proves the signature goes into its own revision, the rest beside the archival time stamp; no legacy index of it.
BESIDE = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)
BEFORE = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)

PASSING = (
    KeyUnusable,
    TimestampRequestError,
    PathBuildingError,
    PathValidationError,
    SigningError,
    PdfError,
    pkcs11.PKCS11Error,
    OSError,
)


class NotSigned(RuntimeError):
    """签章失败。 The paper was not signed for a reason that may pass: no time stamp, or a device that does not answer."""


@dataclass(frozen=True)
class Signed:
    """A sealed paper: its bytes, whose seals, the PAdES level reached, and how many revisions the file now has."""

    pdf: bytes
    subject: str
    level: str
    revisions: int


def sign_paper(printed: Printed, seals: Sequence[Seal], *, reason: str, at: datetime) -> Signed:
    """The paper with the seals of its signing organs, in their order; the printed bytes stay its beginning.

    All fields are made first, then the first organ certifies and the others sign (联合行文). B-LTA when the authority
    has a time-stamp authority and revocation lists, else B-B. `at` is the signing time (aware). Raises WrongSeal for a
    certificate not in force, revoked or not of the trusted roots, and NotSigned when a try later may succeed.
    """
    if not seals or len(seals) != len(printed.seals):
        raise ValueError(f"{len(seals)} seals for {len(printed.seals)} places")
    for seal in seals:
        seal.require_valid(at)
    try:
        return asyncio.run(_signed(printed, seals, reason, at))
    except PASSING as failed:
        raise NotSigned(f"{type(failed).__name__}: {failed}") from failed


async def _signed(printed: Printed, seals: Sequence[Seal], reason: str, at: datetime) -> Signed:
    authority, paper = seals[0].authority, BytesIO(printed.pdf)
    dated = authority.level == LONG_TERM
    stamper = authority.time_stamper(at) if dated else None
    context = authority.context(at)
    for number, seal in enumerate(seals):
        revision = Revision(paper)
        if number == 0:
            add_fields(revision, printed.seals, seals, archived=dated)
        about = _about(number, reason, context, dated=dated)
        await _seal(revision, seal, about, stamper, at)
    if stamper is not None:
        await _archive(Revision(paper), stamper, context)
    subject = "、".join(dict.fromkeys(seal.subject for seal in seals))
    return Signed(paper.getvalue(), subject, authority.level, Revision(paper).prev.xrefs.total_revisions)


def _about(number: int, reason: str, context: ValidationContext, *, dated: bool) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=field_name(number),
        md_algorithm=DIGEST,
        reason=reason,
        certify=number == 0,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=dated,
        validation_context=context,
        dss_settings=BESIDE,
    )


async def _seal(
    revision: Revision, seal: Seal, about: PdfSignatureMetadata, stamper: TimeStamper | None, at: datetime
) -> None:
    with seal.signatory.session() as pen:
        signer = _AtMoment(about, pen, timestamper=stamper, stamp_style=Impression(seal=seal))
        signer.moment = at
        try:
            await signer.async_sign_pdf(revision, existing_fields_only=True, in_place=True)
        except SigningError as failed:
            if not isinstance(failed.__cause__, (PathBuildingError, PathValidationError)):
                raise
            raise WrongSeal(
                N_("%(file)s中[%(organ)s]的证书不能用于签章：%(detail)s。请核对根证书、吊销列表，或换用证书。"),
                file=seal.file,
                organ=seal.organ,
                detail=failed.__cause__,
            ) from failed


async def _archive(revision: Revision, stamper: TimeStamper, context: ValidationContext) -> None:
    """Date the whole, seals and proofs, by the time-stamp authority: what makes it B-LTA."""
    archivist = PdfTimeStamper(stamper, ARCHIVE)
    await archivist.async_timestamp_pdf(revision, DIGEST, context, in_place=True, dss_settings=BEFORE)


class _AtMoment(PdfSigner):
    """Signs at the moment it is told; pyHanko would take the system's clock."""

    moment: datetime

    def init_signing_session(self, pdf_out: Revision, existing_fields_only: bool = False) -> PdfSigningSession:
        """The session, with our moment in it."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.moment
        return session
