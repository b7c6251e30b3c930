"""Call scripts, well-formed and not."""

import pytest

from services.phones.domain.twiml import (
    BadScriptError,
    Gather,
    Hangup,
    Pause,
    Play,
    Redirect,
    Reject,
    Say,
    parse,
)


def test_verbs_are_read_in_order() -> None:
    script = parse(
        '<?xml version="1.0" encoding="UTF-8"?><Response><Say language="zh-CN">你好</Say>'
        "<Play>/a.mp3</Play><Pause length='2'/><Redirect method='GET'>/b</Redirect><Hangup/>"
        "<Reject reason='busy'/></Response>"
    )

    assert script.verbs == (
        Say("你好"),
        Play("/a.mp3"),
        Pause(2),
        Redirect("/b", "GET"),
        Hangup(),
        Reject(is_busy=True),
    )


def test_a_gather_has_the_documented_defaults() -> None:
    (gather,) = parse("<Response><Gather><Say>按</Say></Gather></Response>").verbs

    assert gather == Gather(
        sounds=(Say("按"),),
        action="",
        method="POST",
        timeout_s=5,
        num_digits=None,
        finish_on="#",
        acts_on_empty=False,
        hears_keys=True,
    )


def test_a_gather_for_speech_hears_no_keys() -> None:
    (gather,) = parse('<Response><Gather input="speech"/></Response>').verbs

    assert isinstance(gather, Gather)
    assert not gather.hears_keys


def test_a_loop_repeats_the_words() -> None:
    assert parse('<Response><Say loop="2">撤</Say></Response>').verbs == (Say("撤"), Say("撤"))


def test_a_verb_nobody_knows_is_skipped_and_named() -> None:
    script = parse("<Response><Dial>+8619900000001</Dial><Hangup/></Response>")

    assert script.verbs == (Hangup(),)
    assert script.skipped == ("Dial",)


def test_an_empty_body_is_an_empty_script() -> None:
    assert parse("  ").verbs == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<Response><Say>", id="not closed"),
        pytest.param("plain text", id="not XML"),
        pytest.param("<html/>", id="another root"),
        pytest.param('<Response><Gather timeout="soon"/></Response>', id="not a number"),
        pytest.param('<Response><Pause length="-1"/></Response>', id="out of range"),
        pytest.param('<Response><Pause length="nan"/></Response>', id="no number at all"),
        pytest.param('<Response><Gather finishOnKey="12"/></Response>', id="two keys"),
        pytest.param('<Response><Gather numDigits="inf"/></Response>', id="endless"),
    ],
)
def test_what_is_no_script_is_refused(body: str) -> None:
    with pytest.raises(BadScriptError):
        parse(body)


def test_a_script_with_entities_is_refused() -> None:
    with pytest.raises(BadScriptError):
        parse('<!DOCTYPE r [<!ENTITY a "撤撤撤">]><Response><Say>&a;</Say></Response>')
