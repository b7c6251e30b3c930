"""Responses that say the same, told once: fifteen towns under one blue warning are one line."""

from collections.abc import Iterable

from services.console.domain.views.responses import ResponseView


def alike(
    responses: Iterable[ResponseView],
) -> list[tuple[ResponseView, tuple[ResponseView, ...]]]:
    """
    Return each response with those that differ from it in their place alone, in the given order.

    One that a measured value or a person is behind stands alone.
    """
    groups: dict[object, list[ResponseView]] = {}
    for one in responses:
        key: object = (one.place, one.hazard)
        if not one.measured and not one.people and not one.needs_confirmation:
            levels = one.warning_level, one.hazard_level, one.response_level
            key = (one.hazard, levels, one.decided, one.confirmed)
        groups.setdefault(key, []).append(one)
    return [(first, tuple(rest)) for first, *rest in groups.values()]
