"""The faces: every role filled, equal metrics, and the next best when one is not to be had."""

import pytest
from fontTools.ttLib import TTFont

from notices import fonts
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
    bought = tmp_path / "licensed" / "FangSong_GB2312.ttf"
    bought.parent.mkdir()
    bought.touch()
    plan = fonts._plan(role, (tmp_path,))
    assert plan.label == "仿宋_GB2312"
    assert plan.sources[0].path == bought


def test_without_any_source_the_build_names_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "SYSTEM_FOLDERS", ())
    with pytest.raises(fonts.FontsMissing, match="fonts-noto-cjk"):
        fonts.build({"XDG_CACHE_HOME": str(tmp_path)})


def test_faces_of_an_older_recipe_are_not_used(tmp_path, monkeypatch):
    (tmp_path / "faces.json").write_text('{"recipe": "old", "faces": {}}')
    with pytest.raises(fonts.FontsMissing, match="older recipe"):
        fonts.activate({"DUBAN_FONT_DIR": str(tmp_path)})
