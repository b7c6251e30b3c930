"""What the check says about texts: missing, not approved, too long, in a language nobody has."""

import pytest

from tests.unit.district.conftest import BreakablePack

CHINESE = "templates.zh-CN.yaml"
ENGLISH = "templates.en.yaml"
APPROVED = "approved_texts.yaml"
LINES_OF_A_VARIANT = 2


def test_a_text_that_is_not_sign_for_sign_approved_is_told_with_where_it_differs(
    breakable: BreakablePack,
) -> None:
    line = breakable.replace(CHINESE, "的本次叫应已结束。", "的本次叫应结束了。")
    approved = breakable.replace(APPROVED, "key: sms.release", "key: sms.release") - 1

    (fault,) = breakable.faults()

    assert str(fault) == (
        f"{CHINESE}:{line}: sms.release is not an approved text: {APPROVED}:{approved} (SMS-1026) "
        "differs from sign 46 on, here '结束了。', approved '已结束。'"
    )


def test_a_text_of_another_language_needs_its_own_approval(breakable: BreakablePack) -> None:
    breakable.replace(APPROVED, "key: sms.release\n    language: en", "key: sms.release")

    assert [(fault.file, fault.reason) for fault in breakable.faults()] == [
        (ENGLISH, f"sms.release is not an approved text: {APPROVED} has none in en")
    ]


def test_where_the_carrier_approves_nothing_the_pack_says_so(breakable: BreakablePack) -> None:
    (breakable.folder / APPROVED).write_text("required: false\n", encoding="utf-8")

    assert breakable.faults() == []


def test_without_a_registry_of_approved_texts_a_pack_is_refused(breakable: BreakablePack) -> None:
    (breakable.folder / APPROVED).unlink()

    assert [str(f) for f in breakable.faults()] == [f"{APPROVED}:1: the file is missing"]


def test_an_id_of_the_carrier_stands_once(breakable: BreakablePack) -> None:
    line = breakable.replace(APPROVED, "id: VMS-1002", "id: VMS-1001")

    assert f"{APPROVED}:{line}: the id 'VMS-1001' stands here twice" in map(str, breakable.faults())


def test_a_text_without_a_variant_for_something_that_can_be_called_is_refused(
    breakable: BreakablePack,
) -> None:
    line = breakable.replace(
        CHINESE,
        "  voice.confirm:\n    - text:",
        "  voice.confirm:\n    - level: [IV, III, II]\n      text:",
    )

    (fault,) = breakable.faults()

    assert (fault.file, fault.line) == (CHINESE, line)
    assert fault.reason.startswith("no text for RAINSTORM I DO, RAINSTORM I DL")
    assert "more" in fault.reason


@pytest.mark.parametrize(
    ("roles_at_four", "missing"),
    [("DO, TD, UR", []), ("DO, TD", ["no text for RAINSTORM IV UR, FLASH_FLOOD IV UR"])],
    ids=["all that are called", "one that is called has none"],
)
def test_what_the_matrix_never_calls_needs_no_text(
    breakable: BreakablePack, roles_at_four: str, missing: list[str]
) -> None:
    breakable.replace(
        CHINESE,
        "  voice.confirm:\n    - text:",
        "  voice.confirm:\n"
        f"    - {{level: IV, role: [{roles_at_four}], text: *said}}\n"
        "    - level: [III, II, I]\n      text: &said",
    )
    text = (breakable.folder / CHINESE).read_text(encoding="utf-8")
    said = text.partition("&said ")[2].splitlines()[0]
    text = text.replace("&said ", "").replace("*said", said)
    (breakable.folder / CHINESE).write_text(text, encoding="utf-8")

    found = [fault.reason for fault in breakable.faults()]

    assert len(found) == len(missing)
    assert all(reason.startswith(start) for reason, start in zip(found, missing, strict=True))


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        (
            "    - hazard: GAS_LEAK\n",
            "    - hazard: [LANDSLIDE, GAS_LEAK]\n      role: HL\n",
            "a variant before it is for the same, and neither is more particular",
        ),
        (
            '  sms.release: "{exercise}【南岸应急】{place}',
            '  sms.release: "【南岸应急】{exercise}{place}',
            "this text must begin with {exercise}",
        ),
        (
            "  voice.menu: 收到请按1。",
            '  voice.menu: "{exercise}收到请按1。"\n  # ',
            "unknown variable {exercise}",
        ),
        (
            '  sms.release: "',
            '  sms.release:\n    role: PM\n    text: "',
            "sms.release is said without knowing a role",
        ),
        (
            '  sms.trouble: "{exercise}【南岸应急】系统告警：{text}"',
            '  sms.trouble: [{hazard: LANDSLIDE, text: "{exercise}{text}"}]',
            "sms.trouble is said without knowing a hazard",
        ),
        (
            '  sms.release: "{exercise}【南岸应急】{place}{hazard}{level}响应的本次叫应已结束。"',
            '  sms.release: [{role: PM, text: "{exercise}{place}"}]',
            "sms.release is said without knowing a role",
        ),
    ],
    ids=[
        "rivals",
        "exercise not first",
        "exercise twice",
        "one variant",
        "about nothing",
        "to all",
    ],
)
def test_a_mistake_in_a_text_is_found(
    breakable: BreakablePack, right: str, wrong: str, reason: str
) -> None:
    line = breakable.replace(CHINESE, right, wrong)

    found = [fault for fault in breakable.faults() if reason in fault.reason]

    assert found, [str(fault) for fault in breakable.faults()]
    assert found[0].file == CHINESE
    assert 0 <= found[0].line - line <= LINES_OF_A_VARIANT


def test_a_person_whose_language_has_no_texts_is_a_fault(breakable: BreakablePack) -> None:
    line = breakable.replace("people.yaml", "language: en", "language: fr")

    assert [str(fault) for fault in breakable.faults()] == [
        f"people.yaml:{line}: there is no templates.fr.yaml"
    ]


def test_a_file_of_texts_is_named_by_its_language(breakable: BreakablePack) -> None:
    (breakable.folder / "templates.English.yaml").write_text("texts: {}\n", encoding="utf-8")

    (fault,) = breakable.faults()

    assert (fault.file, fault.line) == ("templates.English.yaml", 1)


def test_a_language_that_cannot_hold_a_whole_call_is_warned_of(breakable: BreakablePack) -> None:
    breakable.replace(ENGLISH, "  voice.goodbye:", "  # voice.goodbye:")

    warned = breakable.warnings()

    assert breakable.faults() == []
    assert any(
        "calls are held in zh-CN" in w.reason and "voice.goodbye" in w.reason for w in warned
    )


def test_an_sms_that_may_be_too_long_is_warned_of_with_its_parts(breakable: BreakablePack) -> None:
    line = breakable.replace(CHINESE, "请派人上门。", "请派人上门。" + "快" * 67)
    breakable.replace(APPROVED, "请派人上门。", "请派人上门。" + "快" * 67)

    (warned,) = [w for w in breakable.warnings() if "sms.not_woken" in w.reason]

    assert breakable.faults() == []
    assert (warned.file, warned.line) == (CHINESE, line)
    assert warned.reason.startswith("sms.not_woken may take 4 SMS (265 signs): 【南岸应急】")
