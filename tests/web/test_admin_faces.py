"""The panel 公文字体: what letters are set in, what the office dropped and cannot be used, and what to do about it."""

import re

import pytest

from notices.fonts import faces
from tests.web.house import Story, open_story


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


def faces_shown(page: str) -> dict[str, str]:
    """Each row of the panel: its name, and everything it says."""
    rows = re.findall(r'<tr[^>]*data-testid="face">(.*?)</tr>', page, re.DOTALL)
    plain = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]
    return {row.split()[2]: row for row in plain}


def test_the_administrator_sees_the_face_of_each_role_and_what_is_missing(story, tmp_path, monkeypatch):
    monkeypatch.setenv("DUBAN_FONT_SOURCES", str(tmp_path / "sources"))
    admin = story.client(story.town.admin)
    shown = faces_shown(admin.get("/admin/duties").text)
    assert [*shown] == [*faces(), "自购字体", "电子印章"]
    assert "公文不加盖电子印章" in shown["电子印章"]
    for role, face in faces().items():
        assert "● 齐全" in shown[role]
        assert face in shown[role]
    assert "十个常见生僻字齐全" in shown["仿宋"]
    folder = tmp_path / "sources" / "licensed"
    folder.mkdir(parents=True)
    (folder / "FZFSK.TTF").write_bytes(b"cut off")
    refused = faces_shown(admin.get("/admin/duties").text)["FZFSK.TTF"]
    assert "◆ 不能用" in refused
    assert "文件损坏或者不是字体" in refused
    monkeypatch.setenv("DUBAN_FONT_DIR", str(tmp_path / "nowhere"))
    missing = faces_shown(admin.get("/admin/duties").text)
    assert all("◆ 有缺" in missing[role] and "make fonts" in missing[role] for role in ("仿宋", "楷体", "黑体"))
