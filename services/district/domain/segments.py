"""
How many parts the carrier cuts an SMS into, and counts and charges each as one.

The GSM alphabet (3GPP TS 23.038 §6.2.1) holds 160 septets, 153 in a part of several; a single sign
outside it, any Chinese one, makes the whole text UCS-2: 70 UTF-16 code units, 67 in a part of several.
"""

from collections.abc import Iterable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Each takes an escape before it: two septets."""
_GSM = (160, 153)
_UCS2 = (70, 67)


def segments(text: str) -> int:
    """Return in how many parts *text* goes out; an empty one is sent as one."""
    if all(sign in _BASIC or sign in _EXTENDED for sign in text):
        return _parts((2 if sign in _EXTENDED else 1 for sign in text), *_GSM)
    return _parts((len(sign.encode("utf-16-le")) // 2 for sign in text), *_UCS2)


def _parts(sizes: Iterable[int], alone: int, of_several: int) -> int:
    """A sign of two units is not torn: where only one unit is left, it begins the next part."""
    counted = list(sizes)
    if sum(counted) <= alone:
        return 1
    parts, used = 1, 0
    for size in counted:
        if used + size > of_several:
            parts, used = parts + 1, 0
        used += size
    return parts
