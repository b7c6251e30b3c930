"""A small district for tests of the dispatcher: one town, a handful of posts, round numbers."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.metric import Metric
from schemas.place import Place, PlaceLevel, Point, PointKind
from schemas.role import Role
from schemas.rulepack import Mandates, Night, RulePack
from services.district.domain.pack import Pack, SourceKey, Station
from services.district.domain.policy import (
    Called,
    CalleeLimits,
    CarrierBudget,
    LevelPolicy,
    Limits,
    Policies,
)
from services.district.domain.roster import Contact, Person, Post, Roster, Shift
from services.district.domain.templates import Templates, TextKey
from services.district.domain.wording import Wording

DISTRICT = "500199"
TOWN = "500199001000"
POINT = "HP-1"

_MANDATES = Mandates(
    raise_level=(Role.DUTY_LEADER,),
    lower_level=(Role.DUTY_LEADER,),
    confirm_level=(Role.DUTY_LEADER,),
    issue_order=(Role.COMMANDER,),
    lift_order=(Role.COMMANDER,),
    release_quarantine=(Role.DUTY_OFFICER,),
)

_SECONDS = timedelta(seconds=1)
_MINUTES = timedelta(minutes=1)

LEVEL_III = Limits(30 * _SECONDS, 3 * _MINUTES, 15 * _MINUTES, 3, 3 * _MINUTES)
LEVEL_II = Limits(15 * _SECONDS, 60 * _SECONDS, 10 * _MINUTES, 3, 2 * _MINUTES, coded=True)
LEVEL_I = Limits(
    10 * _SECONDS,
    30 * _SECONDS,
    5 * _MINUTES,
    3,
    60 * _SECONDS,
    deputy_at=2 * _MINUTES,
    superior_at=3 * _MINUTES,
    coded=True,
)
LEVEL_IV = Limits(
    60 * _SECONDS,
    None,
    60 * _MINUTES,
    1,
    5 * _MINUTES,
    reminder_at=30 * _MINUTES,
    voice_roles=(Role.TOWN_DUTY,),
)

_TEXTS = {
    TextKey.VOICE_CONFIRM: "{exercise}{place}{hazard}{level}响应。{why}。",
    TextKey.VOICE_ORDER: "{exercise}{place}{measure}命令：{target}。",
    TextKey.VOICE_ALSO: "另有{exercise}{place}{hazard}{level}响应。",
    TextKey.VOICE_MENU: "确认请按1，转副手请按2，重听请按3。",
    TextKey.VOICE_CODE: "{exercise}请输入确认码{code}。",
    TextKey.VOICE_WRONG_CODE: "{exercise}确认码不对。",
    TextKey.VOICE_RECORDED: "{exercise}已记录您对{place}{hazard}的确认：{post}，{time}。",
    TextKey.VOICE_HELD: "其余责任人等您按1后呼叫。",
    TextKey.VOICE_DEPUTY: "{exercise}已转呼副手。",
    TextKey.VOICE_NOTHING_PENDING: "{exercise}没有待确认事项。",
    TextKey.VOICE_STORE_FAULT: "叫应系统无法写盘，请立即到值班室。",
    TextKey.VOICE_REPLY: "收到请用短信回复1。",
    TextKey.VOICE_REPLY_MEASURES: "已落实请用短信回复1，需要支援请回复2。",
    TextKey.VOICE_REPLY_CODE: "请用短信回复确认码{code}。",
    TextKey.VOICE_GOODBYE: "{exercise}未收到确认，再见。",
    TextKey.SMS_CONFIRM: "{exercise}{place}{hazard}{level}响应。{why}。回复1确认。",
    TextKey.SMS_CODE: "确认码{code}。",
    TextKey.SMS_ORDER: "{exercise}{place}{measure}命令：{target}。",
    TextKey.SMS_PROPOSED: "{exercise}待您确认：{place}{measure}{target}。",
    TextKey.SMS_INFO: "{exercise}{place}{hazard}：{why}。",
    TextKey.SMS_RELEASE: "{exercise}{place}{hazard}{level}响应解除。",
    TextKey.SMS_NOT_WOKEN: "{exercise}未叫醒{count}人：{names}",
    TextKey.SMS_RECORDED: "{exercise}已记录。",
    TextKey.VOICE_SECOND_CALL: "{exercise}再呼应：{place}{hazard}{level}响应。",
    TextKey.VOICE_MEASURES: "{exercise}措施反馈：{place}{hazard}{level}响应。",
    TextKey.VOICE_MEASURES_MENU: "措施已落实请按1，需要支援请按2，重听请按3。",
    TextKey.VOICE_MEASURES_RECORDED: "{exercise}已记录{place}{post}{time}措施已落实。",
    TextKey.VOICE_MEASURES_OPEN: "{exercise}已记录{place}{post}{time}需要支援。",
    TextKey.SMS_SECOND_CALL: "{exercise}再呼应：{place}{hazard}{level}响应。",
    TextKey.SMS_MEASURES: "{exercise}措施反馈：{place}{hazard}{level}响应。",
    TextKey.SMS_SUPPORT: "{exercise}{place}{post}需要支援。",
    TextKey.SMS_TASK: "{exercise}任务：{place}{post}（{names}）未叫应。",
    TextKey.SMS_TASK_WITHDRAWN: "{exercise}任务取消：{place}{post}。",
    TextKey.SMS_TROUBLE: "{exercise}系统告警：{text}",
    TextKey.TROUBLE_CARRIER: "运营商报错{code}。",
    TextKey.TROUBLE_ACCOUNT: "线路{names}停用{code}。",
    TextKey.TROUBLE_FORGOTTEN: "{count}个叫应停滞。",
    TextKey.TROUBLE_STARVED: "{count}个叫应线路不足。",
    TextKey.TROUBLE_NO_CALL_BACKS: "运营商没有回报。",
    TextKey.LOUDSPEAKER: "{exercise}{place}居民请注意：{hazard}{level}响应。",
    TextKey.EXERCISE_PREFIX: "【演练】",
    TextKey.REASON_MEASURED: "{place}{span}{measured}",
    TextKey.REASON_WARNING: "{hazard}{level}预警",
    TextKey.REASON_HOURS: "{value}小时",
    TextKey.REASON_MINUTES: "{value}分钟",
    TextKey.REASON_BETWEEN: "，",
}

TEMPLATES = Templates(
    texts={key: Wording.plain(text) for key, text in _TEXTS.items()},
    hazards={hazard: hazard.value for hazard in Hazard},
    levels={Level.IV: "四级", Level.III: "三级", Level.II: "二级", Level.I: "一级"},
    measures={measure: measure.value for measure in Measure},
    metrics={metric: metric.value + "{value}" for metric in Metric},
)


def person(person_id: str, *, voice: bool = True, sms: bool = True, landlines: int = 0) -> Person:
    """A person with one number, with none, or with landlines behind his first."""
    contacts = (Contact(f"c-{person_id}", voice, sms),) if voice or sms else ()
    more = (Contact(f"c-{person_id}-{nth}", voice=True, sms=False) for nth in range(landlines))
    return Person(person_id, person_id, (*contacts, *more))


def with_level(given: Policies, level: Level, **changes: Any) -> Policies:
    """The same matrix with something said about *level*: of its policy, or of its limits."""
    policy = given.levels[level]
    of_policy = {key: changes.pop(key) for key in ("second_call", "measures") if key in changes}
    policy = replace(
        policy, day=replace(policy.day, **changes), night=replace(policy.night, **changes)
    )
    return replace(given, levels={**given.levels, level: replace(policy, **of_policy)})


def policies(
    *,
    starts_per_s: float = 10,
    lines: int = 100,
    callee: CalleeLimits | None = None,
    budget: CarrierBudget | None = None,
) -> Policies:
    """The matrix of D.2 in small: the same roles at III, II and I."""
    called = tuple(
        Called(role)
        for role in (
            Role.DUTY_OFFICER,
            Role.TOWN_DUTY,
            Role.TOWN_PRINCIPAL,
            Role.VILLAGE_SECRETARY,
            Role.AREA_LEAD,
        )
    )
    monitor = Called(Role.POINT_MONITOR, (Hazard.LANDSLIDE,))
    four = tuple(Called(role) for role in (Role.DUTY_OFFICER, Role.TOWN_DUTY))
    return Policies(
        levels={
            Level.IV: LevelPolicy(four, LEVEL_IV, LEVEL_IV),
            Level.III: LevelPolicy((*called, monitor), LEVEL_III, LEVEL_III),
            Level.II: LevelPolicy((*called, monitor), LEVEL_II, LEVEL_I),
            Level.I: LevelPolicy((*called, monitor), LEVEL_I, LEVEL_I),
        },
        additions={},
        budget=budget
        or CarrierBudget.of_one(
            starts_per_s, lines, 50, callee=callee or CalleeLimits(per_hour=20, per_day=100)
        ),
    )


def rules() -> RulePack:
    """Places of the small district; no rules, since decisions are given."""
    places = (
        Place(code=f"{DISTRICT}000000", name="测试区", level=PlaceLevel.DISTRICT),
        Place(code=TOWN, name="石坪镇", level=PlaceLevel.TOWN, parent=f"{DISTRICT}000000"),
        Place(code=f"{TOWN[:9]}201", name="大田村", level=PlaceLevel.VILLAGE, parent=TOWN),
        Place(code="500199002000", name="邻镇", level=PlaceLevel.TOWN, parent=f"{DISTRICT}000000"),
    )
    point = Point(
        point_id=POINT, name="大田湾滑坡", kind=PointKind.HAZARD_POINT, place=f"{TOWN[:9]}201"
    )
    return RulePack(
        pack_id="test",
        version="1",
        district=DISTRICT,
        name="测试区",
        timezone="Asia/Shanghai",
        night=Night(start=time(22), end=time(6)),
        families={Hazard.RAINSTORM: "rain", Hazard.LANDSLIDE: "rain"},
        places=places,
        points=(point,),
        mandates=_MANDATES,
    )


def pack(
    *posts: tuple[Post, Shift],
    people: tuple[Person, ...] = (),
    policies_: Policies | None = None,
    sources: tuple[SourceKey, ...] = (),
    stations: tuple[Station, ...] = (),
) -> Pack:
    """A pack of *posts* with their shifts; people who are not given have one number each."""
    known = {who.person_id: who for who in people}
    for _, shift in posts:
        for name in (*shift.holders, *shift.deputies):
            if name is not None:
                known.setdefault(name, person(name))
    return Pack(
        rules=rules(),
        roster=Roster(
            {post.post_id: post for post, _ in posts},
            known,
            {post.post_id: (shift,) for post, shift in posts},
        ),
        policies=policies_ or policies(),
        templates=TEMPLATES,
        sources=sources,
        users={},
        numbers={
            contact.contact_id: f"+8610000{index:06d}"
            for index, who in enumerate(known.values())
            for contact in who.contacts
        },
        demo=True,
        stations=stations,
    )


def post(
    post_id: str,
    role: Role,
    holder: str | None,
    *,
    place: str = TOWN,
    deputies: tuple[str, ...] = (),
    superior: str | None = None,
    start: datetime | None = None,
    together: tuple[str, ...] = (),
    need: int = 1,
) -> tuple[Post, Shift]:
    """A post and who holds it."""
    return (
        Post(post_id, post_id, role, place, superior, need),
        Shift(post_id, holder, deputies, start, together=together),
    )
