"""The faces: every role filled, equal metrics, and the next best when one is not to be had."""

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont

from notices import fonts
from notices.bought import HANZI, look_through
from notices.forge import ASCENT, DESCENT, EM
from tests.notices.papers import RARE


def test_every_role_has_a_face_and_says_which():
    assert set(fonts.faces()) == {"楷体", "仿宋", "生僻字", "小标宋", "宋体", "黑体"}
    assert all(fonts.faces().values())


@pytest.mark.parametrize("role", fonts.ROLES, ids=lambda role: role.family)
def test_all_faces_are_true_type_with_equal_metrics(role):
    face = TTFont(fonts.folder() / role.file, lazy=True)
    assert "glyf" in face
    assert face["head"].unitsPerEm == EM
    assert (face["hhea"].ascent, face["hhea"].descent, face["hhea"].lineGap) == (ASCENT, -DESCENT, 0)
    assert (face["OS/2"].sTypoAscender, face["OS/2"].sTypoDescender) == (ASCENT, -DESCENT)
    assert role.rare or {*map(ord, RARE + "督办整改〔〕—“”㎡A0")} <= face.getBestCmap().keys()


def test_the_next_best_source_is_used_and_named(tmp_path):
    role = next(role for role in fonts.ROLES if role.family == "GW Fang")
    (tmp_path / "LXGWWenKai-Light.ttf").touch()
    (tmp_path / "NotoSerifCJK-Regular.ttc").touch()
    assert fonts._plan(role, (tmp_path,)).label == "霞鹜文楷 Light"
    (tmp_path / "FandolFang-Regular.otf").touch()
    assert fonts._plan(role, (tmp_path,)).label == "Fandol 仿宋"


def bought_face(path, name, *, codes=HANZI, may=0, wide=900):
    """A face of one glyph, as an office might drop it: a box for every character."""
    builder, pen = FontBuilder(1000, isTTF=True), TTGlyphPen(None)
    for number, point in enumerate(((0, 0), (wide, 0), (wide, wide), (0, wide))):
        pen.lineTo(point) if number else pen.moveTo(point)
    pen.closePath()
    builder.setupGlyphOrder([".notdef", "box"])
    builder.setupCharacterMap(dict.fromkeys(codes, "box"))
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "box": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "box": (1000, 0)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupOS2(fsType=may)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "fullName": name, "psName": "Bought"})
    builder.setupPost()
    path.parent.mkdir(exist_ok=True)
    builder.save(path)
    return path


@pytest.mark.parametrize(
    ("file", "name", "family"),
    [
        ("FZFSK.TTF", "方正仿宋_GBK", "GW Fang"),
        ("simfang.ttf", "FangSong", "GW Fang"),
        ("仿宋_GB2312.ttf", "Regular", "GW Fang"),
        ("STFANGSO.TTF", "STFangsong", "GW Fang"),
        ("simkai.ttf", "楷体", "GW Kai"),
        ("楷体_GB2312.otf", "x", "GW Kai"),
        ("simhei.ttf", "SimHei", "GW Hei"),
        ("FZXBSK.TTF", "x", "GW Title"),
        ("01.ttf", "方正小标宋简体", "GW Title"),
        ("STZHONGS.TTF", "华文中宋", "GW Title"),
        ("simsun.ttf", "宋体", "GW Song"),
    ],
)
def test_a_bought_face_is_known_by_its_usual_names(tmp_path, file, name, family):
    bought_face(tmp_path / file, name)
    (usable,), refused = look_through(tmp_path)
    assert (usable.family, usable.label, refused) == (family, f"{name}（{file}）", ())


def test_a_bought_face_takes_the_role_and_the_free_ones_lend_what_it_lacks(tmp_path):
    role = next(role for role in fonts.ROLES if role.family == "GW Fang")
    (tmp_path / "FandolFang-Regular.otf").touch()
    bought_face(tmp_path / "licensed" / "simfang.ttf", "仿宋")
    gb = bought_face(tmp_path / "licensed" / "FangSong_GB2312.ttf", "仿宋_GB2312")
    plan = fonts._plan(role, (tmp_path,))
    assert plan.label == "仿宋_GB2312（FangSong_GB2312.ttf）", "the best known name before simfang"
    assert [source.path.name for source in plan.sources] == [gb.name, "simfang.ttf", "FandolFang-Regular.otf"]
    assert fonts._plan(next(role for role in fonts.ROLES if role.rare), (tmp_path,)).sources == ()


def test_the_letters_are_forged_from_the_bought_face(tmp_path):
    role = next(role for role in fonts.ROLES if role.family == "GW Fang")
    bought_face(tmp_path / "licensed" / "FZFSK.TTF", "方正仿宋_GBK", wide=777)
    fonts._forge_role(fonts._plan(role, (tmp_path, *fonts.SYSTEM_FOLDERS)), tmp_path)
    forged = TTFont(tmp_path / role.file)
    glyph = forged["glyf"][forged.getBestCmap()[ord("督")]]
    assert (glyph.xMax, forged["hhea"].ascent) == (777, ASCENT)
    assert {*map(ord, "㎡〔A0")} <= forged.getBestCmap().keys(), "lent by the free faces"


def test_a_collection_gives_the_member_that_has_the_name(tmp_path):
    both = [TTFont(bought_face(tmp_path / f"{name}.ttf", name)) for name in ("Nothing", "SimSun")]
    collection = TTCollection()
    collection.fonts = both
    collection.save(tmp_path / "some.ttc")
    for each in ("Nothing.ttf", "SimSun.ttf"):
        (tmp_path / each).unlink()
    (usable,), refused = look_through(tmp_path)
    assert (usable.family, usable.source.face, refused) == ("GW Song", "SimSun", ())
    assert usable.source.open()["name"].getDebugName(4) == "SimSun"


def test_what_cannot_be_used_is_refused_by_name_with_a_reason_and_the_free_face_stands_in(tmp_path):
    folder = tmp_path / "licensed"
    (tmp_path / "FandolFang-Regular.otf").touch()
    whole = bought_face(folder / "simfang.ttf", "仿宋").read_bytes()
    (folder / "simfang.ttf").write_bytes(whole[: len(whole) - 2000])
    (folder / "FZFSK.TTF").write_bytes(b"not a font at all")
    (folder / "fonts.zip").write_bytes(b"PK")
    (folder / "licence.txt").write_text("bought")
    bought_face(folder / "FangSong_GB2312.ttf", "仿宋_GB2312", codes=HANZI - {ord("督"), ord("办")})
    bought_face(folder / "STFANGSO.TTF", "华文仿宋", may=0x0002)
    bought_face(folder / "方正仿宋.ttf", "方正仿宋", may=0x0104)
    bought_face(folder / "MingLiU.ttf", "MingLiU")
    said = {each.file: str(each) for each in look_through(folder)[1]}
    expected = {
        "simfang.ttf": "损坏",
        "FZFSK.TTF": "损坏",
        "fonts.zip": "只接受",
        "FangSong_GB2312.ttf": "缺 GB 2312 中的 2 个汉字（如“办督”）",
        "STFANGSO.TTF": "禁止嵌入",
        "方正仿宋.ttf": "禁止子集化",
        "MingLiU.ttf": "看不出",
    }
    assert said.keys() == expected.keys()
    assert {file for file, part in expected.items() if part not in said[file]} == set()
    role = next(role for role in fonts.ROLES if role.family == "GW Fang")
    assert fonts._plan(role, (tmp_path,)).label == "Fandol 仿宋"


def test_of_several_grants_the_mildest_counts_and_a_mended_file_is_judged_anew(tmp_path):
    face = bought_face(tmp_path / "simkai.ttf", "楷体", may=0x0006)  # restricted and preview: preview holds
    assert look_through(tmp_path)[1] == ()
    face.write_bytes(b"spoilt")
    assert [each.file for each in look_through(tmp_path)[1]] == ["simkai.ttf"]


def test_without_any_source_the_build_names_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "SYSTEM_FOLDERS", ())
    with pytest.raises(fonts.FontsMissing, match="fonts-noto-cjk"):
        fonts.build({"XDG_CACHE_HOME": str(tmp_path)})


def test_faces_of_an_older_recipe_are_not_used(tmp_path, monkeypatch):
    (tmp_path / "faces.json").write_text('{"recipe": "old", "faces": {}}')
    with pytest.raises(fonts.FontsMissing, match="older recipe"):
        fonts.activate({"DUBAN_FONT_DIR": str(tmp_path)})
