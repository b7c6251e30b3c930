"""What a call says when its words go along with the request: nobody can press a key in it."""

from collections.abc import Sequence

from services.dispatcher.domain.asks.chain import Ask, Chain
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.script import CODE_HERE, Await, Script
from services.district.domain.templates import TextKey

VOICE_OF = {Ask.SECOND_CALL: TextKey.VOICE_SECOND_CALL, Ask.MEASURES: TextKey.VOICE_MEASURES}
"""Which text a call is about where it is not a first confirmation or an order."""


def inline_script(desk: Desk, person: str, chains: Sequence[Chain]) -> Script | None:
    """
    Return what a call to *person* for *chains*, the highest level first, says, and how it is
    answered by SMS; None where the carrier asks us for the words once somebody has answered.
    """
    if desk.capabilities.call_backs:
        return None
    words = desk.words.to(person)
    asks = [(desk.callouts[chain.callout_id], chain.post) for chain in chains]
    ask = chains[0].ask
    how = TextKey.VOICE_REPLY_MEASURES if ask is Ask.MEASURES else TextKey.VOICE_REPLY
    if any(chain.limits.coded for chain in chains):
        how = TextKey.VOICE_REPLY_CODE
    said = (words.message(asks, VOICE_OF.get(ask)), words.fixed(how, *asks[0], code=CODE_HERE))
    return Script(0, said, Await.NOTHING, words.voice)
