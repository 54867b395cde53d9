"""The cast of the seal stories: two organs with seals, a paper of theirs, and ways to tamper with it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Self

import pikepdf
import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pkcs11 import Attribute, CertificateType, ObjectClass

from notices.printed import Printed, SealPlace
from notices.seals import FILE
from notices.trial_authority import Key, TrialAuthority, write_key_file

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
OFFICE, BUREAU, DISTRICT = "天津市人民政府合作交流办公室", "天津市商务局", "滨海新区人民政府"
ORGANS = {"hzjl": OFFICE, "sw": BUREAU, "bh": DISTRICT}
REASON = "签发"


def signing_folder(
    folder: Path, authority: TrialAuthority, code: str, *issued, crl: bytes = b"", authority_more: str = ""
) -> Path:
    """A folder with one organ's key file under an authority that is not marked as a trial."""
    folder.mkdir(exist_ok=True)
    (folder / "root.pem").write_bytes(authority.root.public_bytes(serialization.Encoding.PEM))
    write_key_file(folder, code, *issued)
    head = f'[authority]\nroots = ["root.pem"]\n{authority_more}'
    if crl:
        (folder / "revoked.pem").write_bytes(crl)
        head += 'crls = ["revoked.pem"]\n'
    keys = f'pkcs12 = "{code}.p12"\npassphrase_file = "{code}.pass"\n'
    (folder / FILE).write_text(f'{head}[{code}]\nname = "{ORGANS[code]}"\n{keys}')
    return folder


class SoftToken:
    """A cryptographic device in software (SoftHSM), with one organ's key inside."""

    module, label, pin = "/usr/lib/softhsm/libsofthsm2.so", "duban", "4711"

    def __init__(self, home: Path) -> None:
        self._home = home

    def __enter__(self) -> Self:
        (self._home / "tokens").mkdir(parents=True)
        (self._home / "softhsm2.conf").write_text(f"directories.tokendir = {self._home}/tokens\nlog.level = ERROR\n")
        self._before = os.environ.get("SOFTHSM2_CONF")
        os.environ["SOFTHSM2_CONF"] = str(self._home / "softhsm2.conf")
        self._tool("--init-token", "--free", "--label", self.label, "--so-pin", "0815")
        return self

    def __exit__(self, *_: object) -> None:
        os.environ.pop("SOFTHSM2_CONF")
        if self._before is not None:
            os.environ["SOFTHSM2_CONF"] = self._before

    def folder(self, folder: Path, authority: TrialAuthority, code: str) -> Path:
        """A folder of seals whose one key lies on this device."""
        certificate, key = authority.issue(ORGANS[code])
        self._import(certificate, key)
        (folder / "root.pem").write_bytes(authority.root.public_bytes(serialization.Encoding.PEM))
        (folder / "pin").write_text(f"{self.pin}\n")
        (folder / FILE).write_text(
            f'[authority]\nroots = ["root.pem"]\n[{code}]\nname = "{ORGANS[code]}"\npin_file = "pin"\n'
            f'pkcs11_module = "{self.module}"\ntoken_label = "{self.label}"\nkey_label = "seal"\ncert_label = "seal"\n'
        )
        return folder

    def take_away(self) -> None:
        """As if it had been pulled."""
        shutil.rmtree(self._home / "tokens")
        (self._home / "tokens").mkdir()

    def _import(self, certificate: x509.Certificate, key: Key) -> None:
        pem = self._home / "key.pem"
        encoding, plain = serialization.Encoding, serialization.NoEncryption()
        pem.write_bytes(key.private_bytes(encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
        self._tool("--import", str(pem), "--token", self.label, "--label", "seal", "--id", "01")
        library = pkcs11.lib(self.module)
        with library.get_token(token_label=self.label).open(rw=True, user_pin=self.pin) as session:
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.LABEL: "seal",
                    Attribute.ID: b"\x01",
                    Attribute.SUBJECT: certificate.subject.public_bytes(),
                    Attribute.VALUE: certificate.public_bytes(encoding.DER),
                }
            )
        library.finalize()

    def _tool(self, *words: str) -> None:
        subprocess.run(["softhsm2-util", *words, "--pin", self.pin], check=True, capture_output=True)


def joint(printed: Printed) -> Printed:
    """The paper as if two organs had signed it side by side."""
    place = printed.seals[0]
    other = SealPlace(place.page, place.left_mm - 60, place.top_mm, place.width_mm, place.height_mm)
    return Printed(printed.pdf, (other, place))


def with_annotation(pdf: bytes) -> bytes:
    """A note appended to the last page as an incremental update."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    name, paper = generic.pdf_name, BytesIO(pdf)
    writer = IncrementalPdfFileWriter(paper)
    note = generic.DictionaryObject(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/FreeText"),
            name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (100, 600, 400, 640))),
            name("/Contents"): generic.TextStringObject("已销号"),
            name("/DA"): generic.TextStringObject("/Helv 20 Tf"),
        }
    )
    writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(note))
    writer.write_in_place()
    return paper.getvalue()


def with_text(pdf: bytes) -> bytes:
    """A line painted over the first page as an incremental update."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    paper = BytesIO(pdf)
    writer = IncrementalPdfFileWriter(paper)
    painted = writer.add_object(generic.StreamObject(stream_data=b"q 0 0 0 rg 100 400 300 60 re f Q"))
    writer.add_stream_to_page(0, painted)
    writer.write_in_place()
    return paper.getvalue()


def with_field(pdf: bytes) -> bytes:
    """Another signature field, made after the paper was certified."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    paper = BytesIO(pdf)
    writer = IncrementalPdfFileWriter(paper)
    append_signature_field(writer, SigFieldSpec("Late", box=(50, 50, 150, 150)))
    writer.write_in_place()
    return paper.getvalue()


def saved_again(pdf: bytes) -> bytes:
    """What an editor makes of it when it saves the file anew."""
    target = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as paper:
        paper.save(target)
    return target.getvalue()


def revisions(pdf: bytes) -> list[bytes]:
    """The file as it was after each of its revisions, oldest first."""
    ends, at = [], pdf.find(b"%%EOF")
    while at >= 0:
        end = at + 5
        ends.append(end + (pdf[end : end + 1] == b"\n"))
        at = pdf.find(b"%%EOF", end)
    return [pdf[:end] for end in ends]


def signed_ranges(pdf: bytes) -> list[list[int]]:
    """The byte ranges of all signatures, in the order they were made."""
    with pikepdf.open(BytesIO(pdf)) as paper:
        fields = [field for field in paper.Root.AcroForm.Fields if "/V" in field]
        return sorted(
            ([int(each) for each in field.V.ByteRange] for field in fields), key=lambda found: found[3] + found[2]
        )


def made_up(name: str, *, by: str) -> tuple[x509.Certificate, Key]:
    """A certificate somebody wrote for himself, with its key: it names an issuer who never saw it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, by))
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(AT - timedelta(days=1)).not_valid_after(AT + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()), key


def sealed_by(pdf: bytes, signer: tuple[x509.Certificate, Key], others: list[x509.Certificate]) -> bytes:
    """A file signed by anybody with pyHanko alone, other certificates laid into the signature."""
    from asn1crypto import keys
    from asn1crypto import x509 as asn1
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    encoding, plain = serialization.Encoding.DER, serialization.NoEncryption()
    chain = [asn1.Certificate.load(each.public_bytes(encoding)) for each in (signer[0], *others)]
    key = signer[1].private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    pen = signers.SimpleSigner(
        signing_cert=chain[0],
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore.from_certs(chain[1:]),
    )
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    return signers.sign_pdf(writer, PdfSignatureMetadata(field_name="A"), pen).getvalue()


@contextmanager
def time_stamps_over_http(authority: TrialAuthority) -> Iterator[str]:
    """A time-stamp authority as offices have one: behind an address, which is given. It dates everything to AT."""
    from asn1crypto import keys, tsp
    from asn1crypto import x509 as asn1
    from pyhanko.sign.timestamps import DummyTimeStamper

    certificate, key = authority.clock()
    encoding, plain = serialization.Encoding.DER, serialization.NoEncryption()
    secret = keys.PrivateKeyInfo.load(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain))
    stamper = DummyTimeStamper(asn1.Certificate.load(certificate.public_bytes(encoding)), secret, fixed_dt=AT)

    class Counter(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(stamper.request_tsa_response(asked).dump())

        def log_message(self, *_: object) -> None:
            """Quietly."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Counter) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
