"""What the pages say of tasks, words recorded for others, dead phones, loudspeakers and later asks."""

from datetime import timedelta
from typing import Any

from schemas.cap import Status
from schemas.dispatch import Fact, LedgerRecord
from schemas.level import Level
from schemas.role import Role
from services.console.domain.views.callouts import CalloutPage
from services.console.domain.views.look import Look
from services.district.domain.pack import Station, StationKind
from services.district.domain.policy import FollowUp
from tests.districts import DISTRICT, LEVEL_I, TOWN, pack, policies, post, with_level
from tests.unit.console.book import T0, Book

_UNTIL = (T0 + timedelta(minutes=30)).isoformat()


def night() -> Book:
    book = Book(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "ann", superior="TP"),
            post("TP", Role.TOWN_PRINCIPAL, "cid", place=f"{DISTRICT}000000"),
            post("GW", Role.GRID_WORKER, "gus"),
            policies_=with_level(
                policies(),
                Level.I,
                second_call=FollowUp(timedelta(minutes=30), LEVEL_I),
                measures=FollowUp(timedelta(hours=1), LEVEL_I, timedelta(hours=1)),
            ),
            stations=(Station("LS-1", StationKind.LOUDSPEAKER, "大田村喇叭", TOWN, "http://x"),),
        )
    )
    book.callout()
    book.ask("k1")
    return book


def page(book: Book) -> CalloutPage:
    found = book.situation.callout("c1", book.at)
    assert found is not None
    return found


def said(record: LedgerRecord, book: Book) -> str:
    return book.situation.ledger_row(record).text


def dead(
    book: Book, *, works: bool = False, channels: tuple[str, ...] = ("voice",)
) -> LedgerRecord:
    return book.write(
        Fact.CHANNEL_REPORTED,
        place=TOWN,
        channels=list(channels),
        works=works,
        why="基站中断",
        user="duty-officer",
    )


def sent(book: Book, person: str | None = "gus") -> LedgerRecord:
    return book.write(
        Fact.TASK_OPENED,
        callout_id="c1",
        chain_id="k1",
        post="VS",
        person=person,
        task_id="t1",
        task="door",
        until=_UNTIL,
    )


def back(book: Book, end: str) -> LedgerRecord:
    return book.write(
        Fact.TASK_ENDED,
        callout_id="c1",
        chain_id="k1",
        post="VS",
        person="gus",
        task_id="t1",
        task="door",
        end=end,
        user="duty-officer",
        note="敲门无人",
    )


def kinds(book: Book) -> list[str]:
    return [need.kind for need in book.situation.board(Status.ACTUAL, book.at).needs]


def later(book: Book, chain_id: str, ask: str, post_id: str = "VS") -> None:
    book.write(
        Fact.CHAIN_OPENED,
        callout_id="c1",
        chain_id=chain_id,
        post=post_id,
        ask=ask,
        level="I",
        rungs=[["holder", "ann"]],
    )


def test_a_task_waits_for_its_result_on_the_strip_and_at_its_post() -> None:
    book = night()
    record = sent(book)

    (task,) = page(book).chains[0].tasks
    assert (task.name, task.runner_name, task.is_open) == ("派人上门", "gus", True)
    assert said(record, book) == "VS 派人上门：gus"
    assert kinds(book) == ["task_open"]
    back(book, "nobody_there")
    assert kinds(book) == []
    (task,) = page(book).chains[0].tasks
    assert (task.end_name, task.note) == ("家中无人", "敲门无人")


def test_a_task_that_nobody_could_be_sent_for_is_urgent_at_once() -> None:
    book = night()
    sent(book, None)

    (need,) = book.situation.board(Status.ACTUAL, book.at).needs
    assert need.is_urgent
    assert "无人可派" in need.text


def test_a_task_becomes_urgent_before_its_time_is_over() -> None:
    book = night()
    sent(book)

    def urgent(minutes: float) -> bool:
        at = T0 + timedelta(minutes=minutes)
        return book.situation.board(Status.ACTUAL, at).needs[0].is_urgent

    assert not urgent(20)
    assert urgent(26)


def test_who_is_cut_off_is_passed_over_and_not_without_answer() -> None:
    book = night()
    record = dead(book)

    (chain,) = page(book).chains
    assert (chain.look, chain.passed_over) == (Look.CUT_OFF, True)
    assert "跳过" in chain.doing
    assert said(record, book) == "石坪镇 电话中断，duty-officer记：基站中断"
    assert page(book).callout.counts == {Look.CUT_OFF: 1}


def test_a_superior_out_of_the_outage_is_an_escalation() -> None:
    book = night()
    dead(book)
    book.call("k1", "a1", person="cid", rung="superior")
    ringing = page(book).chains[0].look
    book.hang_up("a1")

    assert ringing is Look.ESCALATED
    assert page(book).chains[0].look is Look.NO_ANSWER


def test_dead_channels_stand_on_the_strip_and_the_map_until_they_work() -> None:
    book = night()
    dead(book, channels=("voice", "sms"))
    shown = [(one.channel, one.user_name, one.why) for one in book.situation.dead_channels()]
    waiting = kinds(book)
    dead(book, works=True, channels=("voice", "sms"))

    assert shown == [("sms", "duty-officer", "基站中断"), ("voice", "duty-officer", "基站中断")]
    assert waiting == ["channel_dead"]
    assert (kinds(book), list(book.situation.dead_channels())) == ([], [])
    assert page(book).chains[0].look is Look.CREATED


def test_a_vouched_confirmation_names_who_recorded_it() -> None:
    book = night()
    record = book.write(
        Fact.ACKNOWLEDGED,
        callout_id="c1",
        chain_id="k1",
        post="VS",
        person="ann",
        strength="vouched",
        channel="radio",
        rung="holder",
        user="duty-officer",
        heard_at=T0.isoformat(),
        note="对讲机",
    )

    assert said(record, book) == "VS（代录，电台，duty-officer记）：对讲机"
    assert page(book).chains[0].vouched_by == "duty-officer"


def test_two_of_three_are_counted_as_they_confirm() -> None:
    book = Book()
    book.callout()
    book.write(
        Fact.CHAIN_OPENED,
        callout_id="c1",
        chain_id="k1",
        post="VS",
        ask="confirm",
        level="I",
        need=2,
        rungs=[["holder", "ann"], ["holder", "bob"], ["holder", "cid"]],
    )
    book.write(
        Fact.CONFIRMED_IN_PART,
        callout_id="c1",
        chain_id="k1",
        post="VS",
        person="ann",
        strength="coded",
        channel="voice",
        rung="holder",
        confirmed=1,
        need=2,
    )

    (chain,) = page(book).chains
    assert (chain.confirmed, chain.need) == (("ann",), 2)
    assert "已确认 1/2 人" in chain.doing


def test_follow_up_asks_are_not_counted_and_stand_apart_with_their_clock() -> None:
    book = night()
    book.call("k1", "a1")
    book.confirm("k1", "a1")
    planned = [(one.name, one.at - T0, one.asked) for one in page(book).follow_ups]
    book.wait(1800)
    later(book, "s1", "second_call")

    assert planned == [
        ("再呼应", timedelta(minutes=30), 0),
        ("措施反馈", timedelta(hours=1), 0),
    ]
    shown = page(book)
    assert (shown.callout.posts, shown.callout.acknowledged) == (1, 1)
    assert [chain.chain_id for chain in shown.chains] == ["k1"]
    assert [(one.name, one.asked) for one in shown.follow_ups] == [("再呼应", 1), ("措施反馈", 0)]
    assert shown.follow_ups[0].chains[0].ask_name == "再呼应"


def test_support_that_a_post_asks_for_waits_until_its_measures_are_done() -> None:
    book = night()
    book.call("k1", "a1")
    book.confirm("k1", "a1")
    for nth, done in enumerate((False, True)):
        later(book, f"m{nth}", "measures")
        record = book.write(
            Fact.MEASURES_REPORTED, callout_id="c1", chain_id=f"m{nth}", post="VS", done=done
        )
        book.confirm(f"m{nth}", f"a{nth}")
        if not done:
            assert said(record, book) == "VS 尚未落实，需要支援"
            assert kinds(book) == ["support"]
    assert kinds(book) == []


def test_a_new_shift_is_told_in_words_and_rung_in_the_others_stead() -> None:
    book = night()
    given: dict[str, Any] = {"from": ["ann"]}
    record = book.write(
        Fact.POST_HANDED_OVER,
        callout_id="c1",
        chain_id="k1",
        post="VS",
        to=["gus"],
        rungs=[["holder", "gus"]],
        **given,
    )

    assert said(record, book) == "VS ann → gus"
    assert page(book).chains[0].holder_name == "gus"


def test_a_loudspeaker_is_shown_with_how_far_it_came() -> None:
    book = night()
    book.write(
        Fact.ATTEMPT_INTENDED,
        callout_id="c1",
        attempt_id="b1",
        person="LS-1",
        contact="LS-1",
        channel="loudspeaker",
        station="loudspeaker",
    )
    asked = page(book).spoken[0].outcome_name
    book.write(Fact.ATTEMPT_ACCEPTED, attempt_id="b1")
    taken = page(book).spoken[0].outcome_name
    book.hang_up("b1", "completed")

    (told,) = page(book).spoken
    assert told.station_name == "大田村喇叭"
    assert (asked, taken, told.outcome_name) == ("正在发出", "已受理", "已播出")
    board = book.situation.board(Status.ACTUAL, book.at)
    assert "大田村喇叭 播报" in [line.text for line in board.happenings]
    assert board.line.lines_busy == 0
