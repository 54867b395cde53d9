"""Makes room for seals in a paper: one signature field at each place, tagged so that a reader hears of it too."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from pyhanko.pdf_utils import content, generic, layout
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, append_signature_field, enumerate_sig_fields
from pyhanko.stamp import BaseStampStyle

from notices.printed import SealPlace
from notices.seal_face import MM, face
from notices.seals import Seal

ABOVE = 8.0  # mm the seal's centre stands over that of 署名 and 成文日期, so that they lie a little below it (7.3.5.1)
BLEED = 0.3  # mm around the face, lest a renderer that clips at whole dots shave the ring
ARCHIVE = "Archive"  # the field of the archival time stamp
name = generic.pdf_name


class Revision(IncrementalPdfFileWriter):
    """An increment that leaves the paper's metadata as they are: they say when it was written, not when it was sealed."""

    def __init__(self, paper: BytesIO) -> None:
        """Appends to a paper; `write_in_place` and the signers write into it."""
        super().__init__(paper, strict=True)

    def _update_meta(self) -> None:
        """Nothing: pyHanko would set the date of change by the system's clock."""


def field_name(number: int) -> str:
    """The name of the number-th seal's field, counted from 0."""
    return f"Seal{number + 1}"


def add_fields(paper: Revision, places: Sequence[SealPlace], seals: Sequence[Seal], *, archived: bool) -> None:
    """Make the fields of all seals, and of the archival time stamp if there will be one, before any is filled.

    None may be added to a certified paper; and one that stays empty shows that a later revision was cut off.
    """
    for number, (place, seal) in enumerate(zip(places, seals, strict=True)):
        append_signature_field(paper, _spec(paper, number, place, seal))
    if archived:
        append_signature_field(paper, _archive_spec(places[0].page))
    for _, _, field in list(enumerate_sig_fields(paper)):
        _tag(paper, field, str(field.get_object()["/TU"]))


@dataclass(frozen=True)
class Impression(BaseStampStyle):
    """The seal's face as the appearance of its field: drawn to its measure in the middle of the field."""

    seal: Seal | None = None  # pyHanko's style has defaults for all it knows

    def create_stamp(self, writer: Revision, box: layout.BoxConstraints, _text: object) -> content.AppearanceContent:
        """What pyHanko puts into the field."""
        assert self.seal is not None
        return _Painted(writer, box, self.seal)


class _Painted(content.AppearanceContent):
    def __init__(self, writer: Revision, box: layout.BoxConstraints, seal: Seal) -> None:
        super().__init__(writer, box)
        self._side = _side(seal)
        self._operators = face(seal.name, seal.diameter_mm, seal.middle)
        # Ink lies over print and lets it through: name and date stay readable under the seal.
        ink = generic.DictionaryObject({name("/BM"): name("/Multiply")})
        self.set_resource(content.ResourceType.EXT_G_STATE, name("/Ink"), ink)

    def render(self) -> bytes:
        inset = BLEED * MM
        return b"q /Ink gs 1 0 0 1 %.4f %.4f cm %s Q" % (inset, inset, self._operators)

    def as_form_xobject(self) -> generic.StreamObject:
        painted = super().as_form_xobject()
        # PyHanko rounds the box down to whole points, and a reader would stretch it back to the field.
        painted[name("/BBox")] = generic.ArrayObject(map(generic.FloatObject, (0, 0, self._side, self._side)))
        painted.compress()
        return painted


def _side(seal: Seal) -> float:
    """How wide and high its field is, in points."""
    return (seal.diameter_mm + 2 * BLEED) * MM


def _spec(paper: BasePdfFileWriter, number: int, place: SealPlace, seal: Seal) -> SigFieldSpec:
    page, _ = paper.find_page_for_modification(place.page)
    height = float(page.get_object()["/MediaBox"][3])
    across = (place.left_mm + place.width_mm / 2) * MM
    up = height - (place.top_mm + place.height_mm / 2 - ABOVE) * MM
    reach = _side(seal) / 2
    return SigFieldSpec(
        field_name(number),
        on_page=place.page,
        box=(across - reach, up - reach, across + reach, up + reach),
        readable_field_name=f"{seal.name}印章",
    )


def _archive_spec(page: int) -> SigFieldSpec:
    """Out of sight, for nothing is to be seen of it."""
    unseen = InvisSigSettings(box_out_of_bounds=True)
    return SigFieldSpec(ARCHIVE, on_page=page, invis_sig_settings=unseen, readable_field_name="归档时间戳")


def _tag(paper: Revision, field: generic.IndirectObject, spoken: str) -> None:
    """Put the field's widget into the structure tree as a Form (PDF/UA-1 7.18.4); an untagged paper stays so."""
    if "/StructTreeRoot" not in paper.root:
        return
    tree = paper.root["/StructTreeRoot"]
    numbers = tree["/ParentTree"]["/Nums"]
    key = max((int(each) for each in list(numbers)[::2]), default=-1) + 1
    parent = tree.raw_get("/K")
    parent = parent[0] if isinstance(parent, generic.ArrayObject) else parent
    widget = field.get_object()
    element = paper.add_object(
        generic.DictionaryObject(
            {
                name("/Type"): name("/StructElem"),
                name("/S"): name("/Form"),
                name("/P"): parent,
                name("/Alt"): generic.TextStringObject(spoken),
                name("/K"): generic.DictionaryObject(
                    {name("/Type"): name("/OBJR"), name("/Obj"): field, name("/Pg"): widget.raw_get("/P")}
                ),
            }
        )
    )
    widget[name("/StructParent")] = generic.NumberObject(key)
    paper.update_container(widget)
    numbers.extend([generic.NumberObject(key), element])
    paper.update_container(numbers)
    children = parent.get_object()["/K"]
    children.append(element)
    paper.update_container(children)
