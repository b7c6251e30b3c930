"""A Chinese warning's headline: what it does, what it is about, and where."""

import re

from schemas.cap import MsgType

_LIFT = re.compile("解除|取消|撤销|撤消")
_CHANGE = re.compile(
    "继续?发布|继续|更新|变更|升级|降级|升为|降为|调整|更改|延续|延长|续发|改发|维持"
)
_CHANGED_IN_TEXT = re.compile("(?:更新|升级|变更|调整|降级|升|降|改)为[^，。,；;]{0,12}(?:色|预警)")
_END_OF_HEADLINE = re.compile("[：:。！!\n]|(?<=信号)[，,]|(?<=预警)[，,]")
_LONGEST = 120
_VERB = re.compile(
    r"(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:\d{1,2}[时点:：]\d{0,2}分?)?"
    "(?:继续?发布|继续|更新|变更|升级发布|降级发布|升级|降级|调整|发布|解除|取消|撤销)"
)
_OFFICES = re.compile(
    "(?:中心)?气象(?:局|台|站)|(?:地区)?(?:水利|自然资源|水务|应急管理|规划和自然资源)(?:厅|局|委)"
    "|防汛.{0,6}(?:指挥部|办公室|办)|(?:突发事件)?预警信息发布中心|人民政府|专业气象台"
)
_AREA_BEHIND = re.compile(
    "发布([\u4e00-\u9fff]{2,10}?[省市区县旗镇乡])(?=[\u4e00-\u9fff]{1,6}[蓝黄橙红])"
)
_BEFORE_DATE = re.compile(r"(?:于)?(?:\d{4}年|\d{1,2}月|\d{1,2}日).*$")


def headline_of(text: str) -> str:
    """Return the headline of a warning told in one text: up to its first stop."""
    found = _END_OF_HEADLINE.search(text)
    return (text[: found.start()] if found else text)[:_LONGEST].strip()


def what_it_does(headline: str, text: str, stated: MsgType | None) -> MsgType:
    """
    Return Alert, Update or Cancel.

    A lift in the headline is a lift whatever the provider's field says: some lists put Alert
    everywhere. A stated Update or Cancel stands.
    """
    if _LIFT.search(headline) or stated is MsgType.CANCEL:
        return MsgType.CANCEL
    if stated is not None and stated is not MsgType.ALERT:
        return stated
    if _CHANGE.search(headline) or _CHANGED_IN_TEXT.search(text):
        return MsgType.UPDATE
    return MsgType.ALERT


def sender_in(headline: str) -> str:
    """Return who speaks: what stands before the verb, without its date."""
    found = _VERB.search(headline)
    before = headline[: found.start()] if found else ""
    return _BEFORE_DATE.sub("", before).strip("，,：: ")


def area_behind(headline: str) -> str:
    """Return the area that stands behind the verb, smaller than the sender's own; or nothing."""
    found = _AREA_BEHIND.search(headline)
    return found[1] if found else ""


def area_in(headline: str) -> str:
    """
    Return the area in words: "成都市青羊区" of "成都市气象台发布青羊区暴雨…", else the sender's own.

    Several offices of one area ("浙江省水利厅、浙江省气象台") are one area.
    """
    sender = sender_in(headline)
    areas: list[str] = []
    for office in re.split("、|(?<=[厅局台站委])[和与]", sender):
        area = _OFFICES.sub("", office).strip()
        if area and area not in areas:
            areas.append(area)
    return "、".join(areas) + area_behind(headline)
