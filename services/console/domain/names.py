"""The names of things for people: places, posts, people, levels, hazards, states; numbers masked."""

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.metric import SCALE, Metric
from schemas.place import PlaceLevel, Point
from schemas.reason import RaiseRule
from schemas.role import Role
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree

ROLES = {
    Role.DUTY_OFFICER: "值班员",
    Role.DUTY_LEADER: "带班领导",
    Role.DISTRICT_CHIEF: "区主要领导",
    Role.DEPUTY_IN_CHARGE: "分管副区长",
    Role.EMERGENCY_BUREAU_HEAD: "应急局长",
    Role.SECTOR_HEAD: "部门负责人",
    Role.TOWN_PRINCIPAL: "镇街党政主要负责人",
    Role.TOWN_DUTY: "镇街值班",
    Role.AREA_LEAD: "片区负责人",
    Role.VILLAGE_SECRETARY: "村社书记",
    Role.GRID_WORKER: "网格员",
    Role.POINT_MONITOR: "监测员",
    Role.RESIDENT_GEOLOGIST: "驻守地质队员",
    Role.TECH_MANAGER: "地灾技术管理员",
    Role.THREE_RESPONSIBLE: "水库三个责任人",
    Role.UNIT_RESPONSIBLE: "单位负责人",
    Role.HOUSEHOLD_LEAD: "户长",
    Role.RESCUE_TEAM: "应急救援队",
    Role.GAS_DUTY: "燃气值班",
    Role.FIRE_BRIGADE: "消防救援",
    Role.TRAFFIC_POLICE: "交巡警",
    Role.POWER_DUTY: "供电值班",
    Role.MARITIME: "海事值班",
    Role.COMMANDER: "指挥长",
    Role.OPERATOR: "12350话务员",
    Role.AUDITOR: "督查员",
}
COLOURS = {Level.IV: "蓝色", Level.III: "黄色", Level.II: "橙色", Level.I: "红色"}
RUNGS = {"holder": "本人", "deputy": "副手", "superior": "上级"}
STRENGTHS = {"keyed": "按键", "coded": "复码", "vouched": "代录"}
CHANNELS = {
    "voice": "电话",
    "sms": "短信",
    "loudspeaker": "喇叭",
    "radio": "电台",
    "satellite": "卫星电话",
    "landline": "座机",
    "door": "上门",
}
ASKS = {
    "confirm": "叫应",
    "order_received": "命令",
    "second_call": "再呼应",
    "measures": "措施反馈",
}
RESORTS = {"loudspeaker": "喇叭播报", "radio": "电台呼叫", "door": "派人上门"}
TASK_ENDS = {
    "confirmed": "已找到，已知晓",
    "nobody_there": "家中无人",
    "not_reached": "没能到达或联系上",
    "withdrawn": "已撤回",
    "expired": "到时没有回报",
}
OUTCOMES = {
    "completed": "通话结束",
    "no_answer": "无人接",
    "busy": "占线",
    "failed": "不通",
    "cancelled": "已撤回",
    "not_placed": "未拨出",
    "refused": "被拒",
    "delivered": "已送达",
    "undelivered": "未送达",
    "expired": "没有回音",
}
SPOKEN = {
    "completed": "已播出",
    "failed": "播放失败",
    "refused": "设备拒收",
    "expired": "设备没有回音",
    "cancelled": "已撤回",
}
ENDS = {
    "acknowledged": "已确认",
    "exhausted": "未叫醒",
    "cancelled": "已取消",
    "superseded": "并入上一级",
    "lowered": "已降级",
    "lifted": "已解除",
}
FAULTS = {
    "no_holder": "无人当班",
    "no_contact": "没有号码",
    "bad_number": "号码不通",
    "no_sms": "号码收不到短信",
    "no_deputy": "没有副手",
    "ends_soon": "即将交班",
    "no_runner": "无人可派",
}
NO_EFFECT = {
    "no_such_chain": "没有这一问",
    "no_such_task": "没有这项任务",
    "task_over": "任务已结束",
    "other_status": "演练与实战不能混",
}
RAISES = {
    RaiseRule.UP1: "夜间从严",
    RaiseRule.UP2: "两种灾害叠加",
    RaiseRule.UP3: "内有敏感场所",
    RaiseRule.UP4: "前期雨量大",
    RaiseRule.UP5: "设备失联多",
    RaiseRule.UP6: "临近预报雨强大",
    RaiseRule.UP7: "两类证据互相印证",
    RaiseRule.UP8: "上游通报",
    RaiseRule.UP9: "应答率低",
    RaiseRule.UP10: "人工提级",
}
DECISIONS = {
    "ResponseChanged": "响应级别或理由变化",
    "RaiseApplied": "提级",
    "OrderProposed": "规则提出命令",
    "OrderChanged": "命令变化",
    "ActAnswered": "答复一次处置操作",
    "ReadingQuarantined": "读数存疑，未采用",
    "SourceSilent": "设备失联或恢复",
}
"""What `decisions.v1` holds, by the names of its records."""
_KEPT_HEAD, _KEPT_TAIL = 3, 4


def masked(number: str) -> str:
    """Return *number* as a page may show it: 138****0231."""
    digits = number.removeprefix("+86").lstrip("+")
    if len(digits) <= _KEPT_HEAD + _KEPT_TAIL:
        return "****"
    return f"{digits[:_KEPT_HEAD]}****{digits[-_KEPT_TAIL:]}"


def in_units(thousandths: int) -> str:
    """Return a value in thousandths as a person writes it: 58, 180.52."""
    whole, rest = divmod(abs(thousandths), SCALE)
    text = f"{whole}.{rest:03d}".rstrip("0").rstrip(".")
    return f"-{text}" if thousandths < 0 else text


class Names:
    """The names of one district pack; look-ups are made once."""

    def __init__(self, pack: Pack, tree: PlaceTree) -> None:
        self._pack = pack
        self._tree = tree
        self._points: dict[str, Point] = {point.point_id: point for point in pack.rules.points}
        self._owners = {
            contact.contact_id: person.name
            for person in pack.roster.people.values()
            for contact in person.contacts
        }
        self._kinds: dict[str, PlaceLevel] = {one.code: one.level for one in pack.rules.places}

    def place(self, key: str) -> str:
        """Return the name of a place or point, or *key* itself when it is not known."""
        return self._tree.name(key)

    def kind(self, key: str) -> str:
        """Return what *key* is: district, town, village, grid, hazard_point, gauge, unit, part."""
        if key in self._kinds:
            return self._kinds[key].value.lower()
        return self._points[key].kind.value.lower() if key in self._points else ""

    def point(self, key: str) -> Point | None:
        """Return the registered point *key*, or None when it is an area or unknown."""
        return self._points.get(key)

    def post(self, post_id: str | None) -> str:
        """Return the name of a post."""
        post = self._pack.roster.posts.get(post_id or "")
        return post.name if post is not None else post_id or ""

    def person(self, person_id: str | None) -> str:
        """Return the name of a person."""
        person = self._pack.roster.people.get(person_id or "")
        return person.name if person is not None else person_id or ""

    def user(self, user_id: str | None) -> str:
        """Return the name of somebody who acts."""
        user = self._pack.users.get(user_id or "")
        return user.name if user is not None else user_id or ""

    def person_of(self, contact_id: str | None) -> str:
        """Return the name of the person whose contact it is."""
        return self._owners.get(contact_id or "", "")

    def station(self, station_id: str | None) -> str:
        """Return the name of a loudspeaker or screen."""
        found = (one.name for one in self._pack.stations if one.station_id == station_id)
        return next(found, station_id or "")

    def contact(self, contact_id: str | None) -> str:
        """Return the number behind a contact, masked; empty when there is none."""
        number = self._pack.numbers.get(contact_id or "")
        return masked(number) if number else ""

    def hazard(self, hazard: Hazard | None) -> str:
        """Return the pack's name of *hazard*."""
        return self._pack.templates.hazards.get(hazard, hazard.value) if hazard else ""

    def level(self, level: Level | None) -> str:
        """Return the pack's name of *level*: 二级."""
        return self._pack.templates.levels[level] if level else "无"

    def measure(self, measure: Measure) -> str:
        """Return the pack's word for *measure*: 撤."""
        return self._pack.templates.measures[measure]

    def metric(self, metric: Metric, value: int) -> str:
        """Return *value*, in thousandths, as the pack says it: 雨量83毫米."""
        return self._pack.templates.metrics[metric].format(value=in_units(value))
