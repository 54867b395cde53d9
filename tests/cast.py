"""The people of every story: one who may, one beside, those above, and those who keep the house."""

from dataclasses import dataclass

from models.officer import actor_for, create_officer, grant_role
from models.organ import organs
from models.seed import load_organs
from models.unit import Actor, Unit

# name in the tests: (name, role, code of the organ)
CAST = {
    "li_ming": ("李明", "officer", "120116"),  # 滨海新区: the one who may
    "wang_fang": ("王芳", "officer", "120114"),  # 武清区: the one beside
    "chen_jing": ("陈静", "head", "120116"),
    "zhao_qiang": ("赵强", "supervisor", "hzjl"),  # 市合作交流办: city-wide
    "sun_li": ("孙丽", "leader", "zfbgt"),  # 市政府办公厅: city-wide
    "zhou_wei": ("周伟", "officer", "rsj"),  # 人才
    "wu_min": ("吴敏", "officer", "jw"),  # 教育
    "zheng_hao": ("郑浩", "officer", "wjw"),  # 医疗
    "feng_juan": ("冯娟", "officer", "jrj"),  # 金融
    "jiang_tao": ("蒋涛", "officer", "sw"),  # 商务
    "han_xue": ("韩雪", "supervisor", "fgw"),  # 市发展改革委: reviews what others rectified
    "admin": ("管理员", "admin", "hzjl"),
    "auditor": ("审计", "auditor", "hzjl"),
}


@dataclass(frozen=True)
class Town:
    """Organ numbers by code and the cast as actors: town["120116"], town.li_ming."""

    organs: dict[str, int]
    li_ming: Actor
    wang_fang: Actor
    chen_jing: Actor
    zhao_qiang: Actor
    sun_li: Actor
    zhou_wei: Actor
    wu_min: Actor
    zheng_hao: Actor
    feng_juan: Actor
    jiang_tao: Actor
    han_xue: Actor
    admin: Actor
    auditor: Actor

    def __getitem__(self, code: str) -> int:
        return self.organs[code]

    @property
    def binhai(self) -> int:
        return self.organs["120116"]

    @property
    def wuqing(self) -> int:
        return self.organs["120114"]

    @property
    def teda(self) -> int:
        return self.organs["120116400"]

    @property
    def hzjl(self) -> int:
        return self.organs["hzjl"]


def make_town(unit: Unit) -> Town:
    """Every organ, and the cast with one role each; the unit's actor must be CLOCK or an administrator."""
    load_organs(unit)
    codes = {organ.code: organ.id for organ in organs(unit.session, unit.today)}
    people = {key: hire(unit, name, role, codes[code]) for key, (name, role, code) in CAST.items()}
    return Town(codes, **people)


def hire(unit: Unit, name: str, role: str, organ_id: int) -> Actor:
    """One more officer with one role, as an actor."""
    officer_id = create_officer(unit, name=name, organ_id=organ_id)
    grant_role(unit, officer_id=officer_id, role=role, organ_id=organ_id)
    return actor_for(unit.session, officer_id, unit.today, address="127.0.0.1")
