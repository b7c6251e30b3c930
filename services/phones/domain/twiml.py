"""
A call script (TwiML) read into verbs: https://www.twilio.com/docs/voice/twiml.

Known: Say, Play, Pause, Gather, Redirect, Hangup, Reject, and for text messages Message. Any other
verb is skipped and named in `Script.skipped`, as the carrier warns and goes on (12200).
"""

from dataclasses import dataclass

from lxml import etree

_ENDLESS = 100  # loop="0" means "until the call ends"; nobody listens a hundred times
_KEYS = frozenset("0123456789*#")
_MAX_PAUSE_S = 600.0


@dataclass(frozen=True, slots=True)
class Say:
    """Words spoken to the person."""

    text: str


@dataclass(frozen=True, slots=True)
class Play:
    """A recording; nobody here knows what it says."""

    url: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence."""

    seconds: float


Sound = Say | Play | Pause


@dataclass(frozen=True, slots=True)
class Gather:
    """
    Keys are awaited from the first nested word until *timeout_s* after the last one.

    An empty *action* means the URL of the script itself. An empty result only goes there if
    *acts_on_empty*; else the call falls through to the next verb.
    """

    sounds: tuple[Sound, ...]
    action: str
    method: str
    timeout_s: float
    num_digits: int | None
    finish_on: str
    acts_on_empty: bool
    hears_keys: bool


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with the script at *url*."""

    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Do not take an incoming call; an outgoing one ends."""

    is_busy: bool


Verb = Sound | Gather | Redirect | Hangup | Reject


@dataclass(frozen=True, slots=True)
class Script:
    """What to do in a call, what to answer to a message, and which verbs nobody here knows."""

    verbs: tuple[Verb, ...] = ()
    messages: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class BadScriptError(ValueError):
    """Not a script the carrier would take: error 12100, and the call ends."""


def parse(body: str) -> Script:
    """
    Read a script. An empty body is an empty script, which ends the call.

    Raises BadScriptError for what is not XML, has another root than Response, or has an
    attribute that is not the number it must be.
    """
    if not body.strip():
        return Script()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(body.strip().encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise BadScriptError("not well-formed XML") from exc
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadScriptError("a script has no document type")
    if root.tag != "Response":
        raise BadScriptError("the root element is not Response")
    verbs: list[Verb] = []
    messages: list[str] = []
    skipped: list[str] = []
    for element in root.iterchildren(tag=etree.Element):
        if element.tag == "Message":
            messages.append(_text(element))
        elif (found := _verbs(element, skipped)) is not None:
            verbs.extend(found)
    return Script(tuple(verbs), tuple(messages), tuple(skipped))


def _verbs(element: etree._Element, skipped: list[str]) -> list[Verb] | None:
    match element.tag:
        case "Gather":
            return [_gather(element, skipped)]
        case "Redirect":
            return [Redirect(_text(element), _method(element))]
        case "Hangup":
            return [Hangup()]
        case "Reject":
            return [Reject(is_busy=element.get("reason") == "busy")]
        case _:
            return list(_sounds(element, skipped))


def _sounds(element: etree._Element, skipped: list[str]) -> list[Sound]:
    match element.tag:
        case "Say":
            return [Say(_text(element))] * _loops(element)
        case "Play":
            return [Play(_text(element))] * _loops(element)
        case "Pause":
            return [Pause(min(_number(element, "length", 1), _MAX_PAUSE_S))]
        case unknown:
            skipped.append(str(unknown))
            return []


def _gather(element: etree._Element, skipped: list[str]) -> Gather:
    sounds: list[Sound] = []
    for child in element.iterchildren(tag=etree.Element):
        sounds.extend(_sounds(child, skipped))
    num_digits = element.get("numDigits")
    finish_on = element.get("finishOnKey", "#")
    if len(finish_on) > 1 or not set(finish_on) <= _KEYS:
        raise BadScriptError("finishOnKey is no key")
    return Gather(
        sounds=tuple(sounds),
        action=element.get("action", ""),
        method=_method(element),
        timeout_s=_number(element, "timeout", 5),
        num_digits=None if num_digits is None else int(_number(element, "numDigits", 1)),
        finish_on=finish_on,
        acts_on_empty=element.get("actionOnEmptyResult", "false").lower() == "true",
        hears_keys="dtmf" in element.get("input", "dtmf").split(),
    )


def _text(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _method(element: etree._Element) -> str:
    return "GET" if element.get("method", "POST").upper() == "GET" else "POST"


def _loops(element: etree._Element) -> int:
    wanted = int(_number(element, "loop", 1))
    return min(wanted, _ENDLESS) if wanted else _ENDLESS


def _number(element: etree._Element, name: str, default: float) -> float:
    try:
        number = float(element.get(name, default))
    except ValueError as exc:
        raise BadScriptError(f"{name} is no number") from exc
    if not 0 <= number < float("inf"):
        raise BadScriptError(f"{name} is out of range")
    return number
