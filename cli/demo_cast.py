"""Who works in the demo and which projects they follow; every name is made up and marked 演示."""

from dataclasses import dataclass

SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = ("明", "芳", "伟", "静", "强", "敏", "磊", "洋", "艳", "勇", "娟", "涛", "超", "霞", "平", "刚", "丽", "辉")
DEPARTMENTS = ("人才", "教育", "医疗", "金融", "商务")


@dataclass(frozen=True)
class DemoProject:
    """演示项目。 `pace` says how its people work: steady, slow, stalled, and so on; see cli/demo_past.py."""

    name: str
    organ: str
    stage: str
    pace: str
    wan: int
    chain: str
    departments: tuple[str, ...] = ()
    listed: bool = False  # 已入统


PROJECTS = (
    DemoProject("演示·动力电池正极材料基地", "120116400", "build", "steady", 320000, "新能源"),
    DemoProject("演示·工业母机智能工厂", "120111", "build", "steady", 86000, "高端装备"),
    DemoProject("演示·生物药中试平台", "120116402", "build", "slow", 145000, "生物医药"),
    DemoProject("演示·冷链物流中心", "120114", "build", "slow", 42000, "轻纺"),
    DemoProject("演示·半导体封测线", "120111", "build", "behind", 210000, "集成电路"),
    DemoProject("演示·车联网测试场", "120110", "start", "steady", 63000, "车联网", ("人才", "金融"), listed=True),
    DemoProject("演示·海水淡化装备基地", "120116401", "approve", "stalled", 178000, "高端装备", ("金融", "商务")),
    DemoProject("演示·绿色石化新材料二期", "120116", "approve", "rectifying", 412000, "绿色石化"),
    DemoProject("演示·中医药产业园", "120112", "approve", "closed_out", 58000, "中医药"),
    DemoProject("演示·信创终端总装厂", "120113", "approve", "no_change", 96000, "信创"),
    DemoProject("演示·无人机整机项目", "120115", "approve", "talk", 73000, "航空航天"),
    DemoProject("演示·航空复材部件项目", "120110", "approve", "reported", 88000, "航空航天"),
    DemoProject("演示·高纯石英材料项目", "120117", "sign", "returned", 38000, "新材料", ("人才", "商务")),
    DemoProject("演示·康养综合体", "120118", "sign", "suspended", 54000, "其他", ("医疗",)),
    DemoProject("演示·跨境电商仓储", "120116403", "sign", "withdrawn", 26000, "其他"),
    DemoProject("演示·智能网联零部件", "120119", "reserve", "fresh", 31000, "车联网"),
    DemoProject("演示·数据标注产业园", "120104", "reserve", "fresh", 18000, "信创", DEPARTMENTS),
    DemoProject("演示·首店首发商业街", "120101", "reserve", "fresh", 22000, "其他", ("商务",)),
    DemoProject("演示·氢能重卡示范", "120116400", "start", "unlisted", 67000, "新能源"),
    DemoProject("演示·城市更新示范片区", "120105", "approve", "steady", 156000, "其他"),
    DemoProject("演示·高端医疗器械产线", "120113", "build", "finished", 91000, "生物医药"),
    DemoProject("演示·特种玻璃深加工", "120102", "reserve", "waiting", 29000, "新材料", ("人才", "教育", "金融")),
    DemoProject("演示·预制菜中央厨房", "120103", "sign", "steady", 15000, "轻纺"),
    DemoProject("演示·文创设计集聚区", "120106", "reserve", "fresh", 12000, "其他"),
)
