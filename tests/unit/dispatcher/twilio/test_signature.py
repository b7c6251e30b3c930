import json
from pathlib import Path
from typing import Any

import pytest

from services.dispatcher.adapters.twilio.signature import SignatureCheck

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[3] / "data" / "twilio" / "signed_requests.json").read_text()
)


def form(case: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [value] for name, value in case["params"].items()}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_request_is_the_carriers_exactly_if_it_was_signed_as_it_is(case: dict[str, Any]) -> None:
    check = SignatureCheck(case["auth_token"])

    is_valid = check.is_valid(case["url"], form(case), case["x_twilio_signature"])

    assert is_valid is not case["name"].startswith("bad_")


GOOD = CASES[0]


def test_the_alternate_token_is_taken_while_tokens_are_rotated() -> None:
    check = SignatureCheck("new-token", GOOD["auth_token"])

    assert check.is_valid(GOOD["url"], form(GOOD), GOOD["x_twilio_signature"])


def test_an_empty_alternate_token_opens_no_door() -> None:
    by_nobody = SignatureCheck(GOOD["auth_token"], "")

    assert len(by_nobody._validators) == 1
    with pytest.raises(ValueError, match="token"):
        SignatureCheck("", "")


@pytest.mark.parametrize("signature", ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "签名", "=" * 28])
def test_anything_else_than_the_signature_is_refused(signature: str) -> None:
    assert not SignatureCheck(GOOD["auth_token"]).is_valid(GOOD["url"], form(GOOD), signature)


@pytest.mark.parametrize(
    "url",
    [
        "http://mycompany.com/myapp.php?foo=1&bar=2",
        "https://mycompany.com/myapp.php?bar=2&foo=1",
        "https://other.com/myapp.php?foo=1&bar=2",
        "https://mycompany.com/myapp.php",
    ],
)
def test_the_public_url_counts_to_the_letter(url: str) -> None:
    check = SignatureCheck(GOOD["auth_token"])

    assert not check.is_valid(url, form(GOOD), GOOD["x_twilio_signature"])


def test_the_carrier_may_sign_the_url_with_its_usual_port() -> None:
    check = SignatureCheck(GOOD["auth_token"])
    url = "https://mycompany.com:443/myapp.php?foo=1&bar=2"

    assert check.is_valid(url, form(GOOD), GOOD["x_twilio_signature"])


def test_a_parameter_that_nobody_signed_is_refused() -> None:
    check = SignatureCheck(GOOD["auth_token"])
    more = {**form(GOOD), "Digits": ["1234", "1"]}

    assert not check.is_valid(GOOD["url"], more, GOOD["x_twilio_signature"])
