"""
The script interpreter: plays a call script phrase by phrase, gathers keys, asks for the next script.

A script that cannot be fetched (11200) or read (12100) is replaced by the fallback URL's, or else
by the carrier's apology, after which it hangs up.
"""

from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from services.phones.domain import twiml
from services.phones.domain.call import CallStatus, Direction, webhook_form
from services.phones.domain.effects import FetchScript
from services.phones.domain.errors import Code
from services.phones.domain.leg import KeysAwaited, KeysOpen, Leg, Speech, Step
from services.phones.domain.record import What
from services.phones.domain.speech import phrases, spoken_for
from services.phones.domain.state import State
from services.phones.domain.voice import Voice

_APOLOGY = "抱歉，应用程序出错，再见。"
_MAX_SCRIPTS = 100  # a script that redirects to itself would otherwise ask for ever at one instant


class Audience(Protocol):
    """Who listens to what is played."""

    def began(self, leg: Leg) -> None:
        """A new script begins; what was asked before is no longer asked."""
        ...

    def heard(self, leg: Leg, phrase: str) -> None:
        """A phrase was spoken to its end."""
        ...

    def fell_silent(self, leg: Leg) -> None:
        """The message is over and keys are awaited."""
        ...


class Playback:
    """Plays scripts to live calls; what a call is playing stands in its leg."""

    def __init__(self, state: State, voice: Voice, audience: Audience) -> None:
        self._state = state
        self._voice = voice
        self._audience = audience

    def begin(self, leg: Leg) -> None:
        """Play the script that came with the call, or ask its URL for one."""
        if leg.order.twiml:
            self.play(leg, leg.order.twiml)
        else:
            self.fetch(leg, leg.order.url, leg.order.method, {})

    def fetch(self, leg: Leg, url: str, method: str, extra: dict[str, str]) -> None:
        """Stop what plays and ask *url*, relative to the present script's, for the next one."""
        self._stop(leg)
        leg.fetch_no += 1
        leg.is_fetching = True
        if leg.fetch_no > _MAX_SCRIPTS:
            self._apologise(leg, Code.DOCUMENT_PARSE_FAILURE, "too many scripts in one call")
            return
        self._state.effects.append(
            FetchScript(
                account_sid=leg.call.account_sid,
                call_sid=leg.call.sid,
                fetch_no=leg.fetch_no,
                base_url=leg.base_url,
                url=url,
                method=method,
                form=webhook_form(leg.call) | extra,
                token=f"{leg.call.sid}-{leg.fetch_no}",
            )
        )

    def script_arrived(self, leg: Leg, url: str, body: str) -> None:
        """*url* is where the script came from; relative URLs in it start there."""
        leg.base_url = url
        leg.is_fetching = False
        self.play(leg, body)

    def script_failed(self, leg: Leg, detail: str) -> None:
        """The script could not be fetched in time, or not with a 2xx."""
        leg.is_fetching = False
        self._fall_back(leg, Code.SCRIPT_NOT_FETCHED, detail)

    def play(self, leg: Leg, body: str) -> None:
        """Read a script and play it from its beginning instead of what plays now."""
        self._stop(leg)
        try:
            script = twiml.parse(body)
        except twiml.BadScriptError as exc:
            self._fall_back(leg, Code.DOCUMENT_PARSE_FAILURE, str(exc))
            return
        for verb in script.skipped:
            self._complain(leg, Code.UNSUPPORTED_MARKUP, verb)
        if leg.call.direction is Direction.INBOUND and leg.call.status is CallStatus.RINGING:
            if script.verbs and isinstance(script.verbs[0], twiml.Reject):
                is_busy = script.verbs[0].is_busy
                self._voice.end(leg, CallStatus.BUSY if is_busy else CallStatus.NO_ANSWER)
                return
            self._voice.answer(leg)
        leg.steps = deque(self._steps(script.verbs))
        self._audience.began(leg)
        self._run(leg)

    def press(self, leg: Leg, key: str) -> None:
        """The person presses *key*; outside a Gather nobody notices."""
        if leg.call.status is not CallStatus.IN_PROGRESS:
            return
        self._state.record.note(self._state.now, leg.call.number, What.PRESSED, key, leg.call.sid)
        leg.listening.keys_pressed += 1
        gather = leg.gather
        if gather is None or not gather.hears_keys:
            return
        self._cut_short(leg)
        if key == gather.finish_on:
            self._gathered(leg, finished_on=key)
            return
        leg.digits += key
        if gather.num_digits is not None and len(leg.digits) >= gather.num_digits:
            self._gathered(leg)
        else:
            self._await_keys(leg, gather)

    def _run(self, leg: Leg) -> None:
        while leg.steps:
            match leg.steps.popleft():
                case Speech() as speech:
                    leg.saying = speech.text
                    self._state.record.touch(leg.call.number)
                    self._state.after(
                        leg.call.sid,
                        "speech",
                        speech.lasts,
                        lambda s=speech: self._spoken(leg, s),  # type: ignore[misc] # mypy cannot infer a lambda with a default
                    )
                    return
                case KeysOpen(gather):
                    leg.gather, leg.digits = gather, ""
                case KeysAwaited():
                    if leg.gather is not None:
                        self._await_keys(leg, leg.gather)
                        self._audience.fell_silent(leg)
                        return
                case twiml.Redirect(url, method):
                    self.fetch(leg, url, method, {})
                    return
                case twiml.Hangup() | twiml.Reject():
                    self._voice.end(leg)
                    return
        self._voice.end(leg)

    def _spoken(self, leg: Leg, speech: Speech) -> None:
        leg.saying = ""
        if speech.text:
            self._state.record.note(
                self._state.now, leg.call.number, What.HEARD, speech.text, leg.call.sid
            )
            self._audience.heard(leg, speech.text)
        self._run(leg)

    def _await_keys(self, leg: Leg, gather: twiml.Gather) -> None:
        self._state.after(
            leg.call.sid,
            "keys",
            timedelta(seconds=gather.timeout_s),
            lambda: self._gathered(leg),
        )

    def _cut_short(self, leg: Leg) -> None:
        """The first key silences the message; what follows the Gather stays."""
        self._state.agenda.drop(leg.call.sid, "speech", "keys")
        leg.saying = ""
        while leg.steps and isinstance(leg.steps[0], Speech) and self._has_open_end(leg):
            leg.steps.popleft()
        if leg.steps and isinstance(leg.steps[0], KeysAwaited):
            leg.steps.popleft()

    @staticmethod
    def _has_open_end(leg: Leg) -> bool:
        """The words still to come belong to the Gather that is open now."""
        upcoming = (step for step in leg.steps if not isinstance(step, Speech))
        return isinstance(next(upcoming, None), KeysAwaited)

    def _gathered(self, leg: Leg, finished_on: str = "") -> None:
        gather, digits = leg.gather, leg.digits
        if gather is None:
            return
        self._state.agenda.drop(leg.call.sid, "keys")
        leg.gather, leg.digits = None, ""
        if digits or gather.acts_on_empty:
            extra = {"Digits": digits, "FinishedOnKey": finished_on, "msg": "Gather End"}
            self.fetch(leg, gather.action, gather.method, extra)
        else:
            self._run(leg)

    def _fall_back(self, leg: Leg, code: Code, detail: str) -> None:
        if leg.order.fallback_url and not leg.is_fallback:
            self._complain(leg, code, detail)
            leg.is_fallback = True
            extra = {"ErrorCode": str(int(code)), "ErrorUrl": leg.base_url}
            self.fetch(leg, leg.order.fallback_url, leg.order.fallback_method, extra)
        else:
            self._apologise(leg, code, detail)

    def _apologise(self, leg: Leg, code: Code, detail: str) -> None:
        self._complain(leg, code, detail)
        if leg.call.status is not CallStatus.IN_PROGRESS:
            self._voice.end(leg, CallStatus.FAILED, code)
            return
        leg.change(self._state.now, error_code=int(code))
        leg.steps = deque([self._speech(_APOLOGY)])
        self._audience.began(leg)
        self._run(leg)

    def _complain(self, leg: Leg, code: Code, detail: str) -> None:
        self._state.record.complain(self._state.now, code, detail, leg.call.sid)

    def _stop(self, leg: Leg) -> None:
        self._state.agenda.drop(leg.call.sid, "speech", "keys")
        leg.steps.clear()
        leg.gather, leg.digits, leg.saying = None, "", ""

    def _steps(self, verbs: Iterable[twiml.Verb]) -> Iterable[Step]:
        for verb in verbs:
            match verb:
                case twiml.Gather(sounds=sounds):
                    yield KeysOpen(verb)
                    yield from self._steps(sounds)
                    yield KeysAwaited()
                case twiml.Say(text):
                    yield from map(self._speech, phrases(text))
                case twiml.Play(url):
                    yield Speech(f"[录音 {url}]", self._state.tempo.recording_lasts)
                case twiml.Pause(seconds):
                    yield Speech("", timedelta(seconds=seconds))
                case _:
                    yield verb

    def _speech(self, phrase: str) -> Speech:
        return Speech(phrase, spoken_for(phrase, self._state.tempo.chars_per_s))
