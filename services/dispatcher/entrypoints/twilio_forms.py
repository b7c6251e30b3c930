"""The carrier's form posts, read without trusting them."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

Form = Mapping[str, Sequence[str]]
"""Every value under its name; names nobody here knows are kept, for they are signed too."""

_MOST_FIELDS = 200


class FormError(ValueError):
    """Not a form of the carrier's."""


def parse_form(body: bytes) -> Form:
    """Return the fields of *body*. Raises FormError."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as exc:
        raise FormError("not a URL-encoded form") from exc
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


def one(form: Form, name: str) -> str:
    """Return the first value of *name*, or nothing."""
    values = form.get(name)
    return values[0] if values else ""
