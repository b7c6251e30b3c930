"""
What must always hold (design.md section 6), judged from the ledger and the carrier's own record.

Each function judges one invariant, whose sentence it quotes, and yields what breaks it. Nothing is
asked of the dispatcher's memory.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.topics import Topic
from services.dispatcher.adapters.store_alarm import PREFIX as FROM_MEMORY
from services.dispatcher.domain.asks.chain import ChainState, Strength
from services.dispatcher.domain.calls.attempt import Channel, Purpose
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.record.proving import prove
from services.dispatcher.entrypoints.rebuild import rebuild
from services.dispatcher.entrypoints.twilio_edge import inbound_attempt_id
from services.phones.domain.call import Call, Direction
from services.phones.domain.record import What
from tests.simulation.budgets import the_budget_is_never_exceeded, the_budget_is_never_wasted
from tests.simulation.evidence import Evidence, Kept, attempt_of
from tests.simulation.exercises import exercises_never_mix
from tests.simulation.violation import Violation

_REBUILT_EVERY = 10
"""Seeds: to live through a night again takes about half as long as to live through it."""
_SURELY_NOT_PLACED = {Outcome.NOT_PLACED.value, Outcome.REFUSED.value}
_ENDS_AN_ORDER = {"order_lifted", "order_refused"}
_STANDS = {"in_force", "proposed"}
_CONFIRMS = {"1", "收到", "1收到"}


def store_then_act(evidence: Evidence) -> Iterator[Violation]:
    """4: An attempt is on disk, with its id, before the carrier is asked; a lost answer is no no."""
    intended: dict[str, int] = {}
    for kept in evidence.facts(Fact.ATTEMPT_INTENDED):
        intended.setdefault(kept.body["attempt_id"], kept.number)
    for request in evidence.requests:
        number = intended.get(request.attempt_id)
        if request.attempt_id.startswith(FROM_MEMORY):
            if not any(begin <= request.left_at <= end for begin, end in evidence.choked):
                yield Violation("4", request.left_at, "rung from memory while the disk was well")
        elif number is None or number >= request.kept_before:
            yield Violation("4", request.left_at, f"{request.attempt_id} was asked for unrecorded")
    calls = evidence.calls_by_attempt()
    texts = Counter(attempt_of(one.status_callback) for one in evidence.texts())
    for attempt_id, times in [*((key, len(one)) for key, one in calls.items()), *texts.items()]:
        if times > 1:
            yield Violation("4", evidence.ended_at, f"{attempt_id} was placed {times} times")
    for kept in evidence.facts(Fact.ATTEMPT_ENDED):
        key = kept.body["attempt_id"]
        if kept.body["detail"]["outcome"] in _SURELY_NOT_PLACED and (key in calls or key in texts):
            yield Violation("4", kept.at_s, f"{key} ended as never placed, and the carrier has it")


def every_chain_ends(evidence: Evidence) -> Iterator[Violation]:
    """5: Every chain ends: acknowledged, exhausted with a person told, cancelled or superseded."""
    opened = {kept.body["chain_id"]: kept for kept in evidence.facts(Fact.CHAIN_OPENED)}
    ends: dict[str, list[Kept]] = defaultdict(list)
    for kept in evidence.facts(Fact.CHAIN_ENDED):
        ends[kept.body["chain_id"]].append(kept)
    for chain_id, kept in opened.items():
        if len(ends[chain_id]) != 1:
            what = f"the chain of {kept.body['post']} ended {len(ends[chain_id])} times"
            yield Violation("5", evidence.ended_at, what)
    if not evidence.is_finished and all(len(ends[chain_id]) == 1 for chain_id in opened):
        yield Violation("5", evidence.ended_at, "the night did not come to its end")
    listed = {kept.body["chain_id"]: kept for kept in evidence.facts(Fact.NOT_WOKEN_LISTED)}
    told = _told_by_callout(evidence)
    for chain_id, (kept, *_) in ((key, one) for key, one in ends.items() if one):
        if kept.body["detail"]["end"] != ChainState.EXHAUSTED.value:
            continue
        if chain_id not in listed:
            yield Violation("5", kept.at_s, f"{kept.body['post']} was exhausted and is not listed")
        elif (
            evidence.is_finished
            and not any(at_s >= listed[chain_id].at_s for at_s in told[kept.body["callout_id"]])
            and _duty_officer_can_be_told(evidence)
        ):
            yield Violation("5", kept.at_s, f"nobody was told of {kept.body['post']}")


def nobody_is_rung_again(evidence: Evidence) -> Iterator[Violation]:
    """6: Nobody is rung again for an ask that he, or for his post a deputy, has answered."""
    over: dict[str, float] = {}
    asks: dict[str, set[str]] = defaultdict(set)
    for kept in evidence.facts():
        chain_id, fact = kept.body.get("chain_id"), kept.body["fact"]
        if chain_id is None:
            continue
        if fact == Fact.CHAIN_ENDED.value:
            over[chain_id] = kept.at_s
        elif fact in {Fact.ATTEMPT_INTENDED.value, Fact.ATTEMPT_JOINED.value}:
            asks[kept.body["attempt_id"]].add(chain_id)
            if chain_id in over:
                what = f"record {kept.body['seq']} tries {kept.body['person']} for an ended ask"
                yield Violation("6", kept.at_s, what)
    for request in evidence.requests:
        mine = asks.get(request.attempt_id)
        if mine and all(over.get(ask, request.left_at) < request.left_at for ask in mine):
            yield Violation("6", request.left_at, f"{request.attempt_id} left after its ask ended")
    yield from _overlapping(evidence)


def _overlapping(evidence: Evidence) -> Iterator[Violation]:
    last: dict[str, Call] = {}
    for call in _outbound(evidence):
        before = last.get(call.to)
        if before is not None and (before.ended_at is None or before.ended_at > call.created_at):
            at_s = evidence.second(call.created_at)
            if _was_from_memory(before) and any(end <= at_s for _, end in evidence.down):
                continue  # there is no disk, and the memory that knew of it died
            yield Violation("6", at_s, f"two live calls to one number: {before.sid}, {call.sid}")
        last[call.to] = call


def an_acknowledgement_is_a_humans(evidence: Evidence) -> Iterator[Violation]:
    """7: An acknowledgement is a human's. Voicemail, a pocket, a hang-up are not."""
    levels = {
        kept.body["chain_id"]: Level[kept.body["detail"]["level"]]
        for kept in evidence.facts(Fact.CHAIN_OPENED)
    }
    calls = {
        (inbound_attempt_id(call.sid) if call.direction is Direction.INBOUND else attempt): call
        for call in evidence.exchange.calls.values()
        for attempt in [attempt_of(call.status_callback)]
    }
    policies = evidence.plan.pack.policies
    for kept in evidence.facts(Fact.ACKNOWLEDGED):
        body, detail = kept.body, kept.body["detail"]
        strength = Strength(detail["strength"])
        if strength is Strength.VOUCHED:
            continue
        coded = policies.levels[levels[body["chain_id"]]].night.coded
        if strength is Strength.KEYED and coded:
            yield Violation("7", kept.at_s, f"{body['person']} confirmed a coded ask by a key")
        if detail["channel"] == Channel.VOICE.value:
            call = calls.get(body["attempt_id"])
            found = call is not None and _pressed_it(evidence, call, body["attempt_id"], strength)
        else:
            found = _wrote_it(evidence, body["contact"], kept.at_s, strength)
        if not found:
            yield Violation("7", kept.at_s, f"{body['person']} did nothing that confirms")


def nothing_lowers_by_itself(evidence: Evidence) -> Iterator[Violation]:
    """9: Nothing lowers by itself where people could die: II, I and evacuations end with an act."""
    acts = {
        kept.body["event_id"]: kept.body["body"]
        for kept in evidence.of(Topic.EVENTS)
        if kept.body["kind"] == "Act"
    }
    lowered_by: dict[str, str] = {}
    for kept in evidence.of(Topic.DECISIONS):
        body = kept.body
        by = {acts[cause]["type"] for cause in body["causes"] if cause in acts}
        if body["kind"] == "ResponseChanged":
            before, after = body.get("previous_level"), body.get("response_level")
            if before is not None and (after or 0) < before:
                lowered_by[body["decision_id"]] = "act" if "level_lowered" in by else "itself"
                if before >= Level.II and "level_lowered" not in by:
                    yield Violation("9", kept.at_s, f"{body['place']} fell from {before} by itself")
        elif body["kind"] == "OrderChanged" and not by & _ENDS_AN_ORDER:
            order = body["order"]
            if order["measure"] == "EVACUATE" and order["state"] not in _STANDS:
                yield Violation("9", kept.at_s, "an evacuation ended by itself")
    opened = {kept.body["callout_id"]: kept.body for kept in evidence.facts(Fact.CALLOUT_OPENED)}
    by_hand = {key for key, by in lowered_by.items() if by == "act"}
    for kept in evidence.facts(Fact.CALLOUT_ENDED):
        level = Level[opened[kept.body["callout_id"]]["detail"]["level"]]
        if kept.body["detail"]["end"] == "lowered" and level >= Level.II and not by_hand:
            yield Violation(
                "9", kept.at_s, f"a callout at {level.name} ended and nobody lowered it"
            )


def the_ledger_verifies(evidence: Evidence) -> Iterator[Violation]:
    """13: Any changed byte, order or gap is found: what is on disk is what was made durable."""
    pack = evidence.plan.pack
    proof = prove(evidence.sealed)
    for finding in proof.findings:
        yield Violation("13", evidence.ended_at, f"{finding}")
    if proof.findings or evidence.plan.seed % _REBUILT_EVERY:
        return
    rebuilt = rebuild(evidence.sealed, [pack], pack.rules.district, evidence.rows)
    for difference in rebuilt.differences[:1]:
        yield Violation("13", evidence.ended_at, f"rebuilt from the ledger: {difference}")
    told = [stored.data for _, stored in evidence.kept if stored.topic is Topic.DISPATCH]
    if told != evidence.sealed:
        yield Violation("13", evidence.ended_at, "a durable record is gone")


def no_error_of_ours(evidence: Evidence) -> Iterator[Violation]:
    """15: Bad luck outside is no error in here: nothing crashed, nothing became a dead letter."""
    for error in evidence.errors:
        yield Violation("15", evidence.ended_at, error)
    for kept in evidence.of(Topic.DEAD_LETTERS):
        yield Violation("15", kept.at_s, f"a dead letter: {kept.body['reason']}")


def _outbound(evidence: Evidence) -> Iterator[Call]:
    for call in evidence.exchange.calls.values():
        if call.direction is not Direction.INBOUND:
            yield call


def _was_from_memory(call: Call) -> bool:
    return attempt_of(call.status_callback).startswith(FROM_MEMORY)


def _told_by_callout(evidence: Evidence) -> dict[str, list[float]]:
    told: dict[str, list[float]] = defaultdict(list)
    for kept in evidence.facts(Fact.ATTEMPT_INTENDED):
        is_word = kept.body["detail"].get("purpose") == Purpose.INFORM.value
        if is_word and kept.body.get("callout_id"):
            told[kept.body["callout_id"]].append(kept.at_s)
    return told


def _duty_officer_can_be_told(evidence: Evidence) -> bool:
    roster = evidence.plan.pack.roster
    holder = roster.shift_at("DO", evidence.plan.start).holder
    return holder is not None and roster.people[holder].sms_contact is not None


def _pressed_it(evidence: Evidence, call: Call, attempt_id: str, strength: Strength) -> bool:
    mine = [one for one in evidence.exchange.record.of(call.number) if one.sid == call.sid]
    pressed = "".join(one.detail for one in mine if one.what is What.PRESSED)
    if not any(one.what is What.HEARD for one in mine):
        return False
    if strength is Strength.CODED:
        return evidence.codes._code(attempt_id) in pressed
    return "1" in pressed and call.direction is not Direction.INBOUND


def _wrote_it(evidence: Evidence, contact: str, at_s: float, strength: Strength) -> bool:
    number = evidence.plan.pack.numbers[contact]
    written = [
        one.detail
        for one in evidence.exchange.record.of(number, What.TEXT_SENT)
        if evidence.second(one.at) <= at_s
    ]
    if strength is Strength.KEYED:
        return any(text.strip() in _CONFIRMS for text in written)
    sent = [attempt_of(one.status_callback) for one in evidence.texts() if one.to == number]
    return any(evidence.codes._code(attempt_id) in text for attempt_id in sent for text in written)


INVARIANTS: tuple[Callable[[Evidence], Iterator[Violation]], ...] = (
    store_then_act,
    every_chain_ends,
    nobody_is_rung_again,
    an_acknowledgement_is_a_humans,
    the_budget_is_never_exceeded,
    the_budget_is_never_wasted,
    nothing_lowers_by_itself,
    exercises_never_mix,
    the_ledger_verifies,
    no_error_of_ours,
)


def judge(evidence: Evidence) -> list[Violation]:
    """Return everything that does not hold, in the order of its time."""
    found = [violation for check in INVARIANTS for violation in check(evidence)]
    return sorted(found, key=lambda violation: violation.at_s)
