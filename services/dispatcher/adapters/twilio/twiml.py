"""
A script in the carrier's markup.

Keys work from the first word: whatever is spoken stands inside the Gather. A script that cannot be
answered as it asks is refused here, so that the mistake shows in a test and not on the phone.
"""

import re

from twilio.twiml.voice_response import Gather, Hangup, Say, VoiceResponse

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlKind
from services.dispatcher.domain.script import CODE_DIGITS, CODE_HERE, Await, Script
from services.district.domain.templates import DEFAULT_LANGUAGE

_WITH_REGION = {
    "en": "en-US",
    "es": "es-ES",
    "fr": "fr-FR",
    "ja": "ja-JP",
    "ko": "ko-KR",
    "ru": "ru-RU",
}
"""The carrier has voices of a country: which one speaks a language that a pack names without."""
MOST_ALONG = 4000
"""Signs of a script that goes along with the request (the API's own limit)."""
_KEYS_WITHIN_S = 6
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GATHERED = {Await.MENU_KEY: (UrlKind.MENU, 1), Await.CODE: (UrlKind.CODE, CODE_DIGITS)}


class ScriptError(ValueError):
    """A script that cannot be played, or not be answered as it asks."""


class TwimlWriter:
    """Writes scripts for calls whose answers come back under *urls*."""

    def __init__(self, urls: WebhookUrls, codes: Codes) -> None:
        self._urls = urls
        self._codes = codes

    def write(self, script: Script, attempt_id: str) -> str:
        """Return *script* for the call of *attempt_id*. Raises ScriptError."""
        check_script(script)
        voice = script.voice
        words = [self._codes.speak_into(word, attempt_id, voice) for word in script.words]
        if script.awaits is Await.NOTHING:
            return speak(*words, language=voice.language)
        kind, digits = _GATHERED[script.awaits]
        gather = Gather(
            input="dtmf",
            num_digits=digits,
            finish_on_key="",
            timeout=_KEYS_WITHIN_S,
            action_on_empty_result=True,
            action=self._urls.voice(attempt_id, script.step, kind),
            method="POST",
        )
        for word in words:
            gather.append(_say(word, voice.language))
        return _document(gather)


def check_script(script: Script) -> None:
    """Raise ScriptError for a script that promises what it does not keep."""
    if script.step < 0:
        raise ScriptError("a step counts from 0")
    if not script.words or not all(word.strip() for word in script.words):
        raise ScriptError("a script says something")
    speaks_code = any(CODE_HERE in word for word in script.words)
    if speaks_code and script.awaits is not Await.CODE:
        raise ScriptError("a code is spoken that nobody can type")
    if script.awaits is Await.CODE and not speaks_code:
        raise ScriptError("a code is awaited that nobody has heard")


def speak(*words: str, language: str = DEFAULT_LANGUAGE) -> str:
    """Return a script that says *words* and hangs up."""
    return _document(*(_say(word, language) for word in words), Hangup())


def speak_along(script: Script, attempt_id: str, codes: Codes) -> str:
    """
    Return *script* in at most 4,000 signs, said twice, so that a code can be written down.

    Words that are too long for that are said once. Raises ScriptError where even that is too long.
    """
    spoken = [codes.speak_into(word, attempt_id, script.voice) for word in script.words]
    for times in (2, 1):
        said = speak(*spoken * times, language=script.voice.language)
        if len(said) <= MOST_ALONG:
            return said
    raise ScriptError("too long to go along with the request")


def _document(*verbs: Gather | Say | Hangup) -> str:
    response = VoiceResponse()
    for verb in verbs:
        response.append(verb)
    return str(response)


def _say(word: str, language: str) -> Say:
    return Say(_NOT_IN_XML.sub("", word), language=_WITH_REGION.get(language, language))
