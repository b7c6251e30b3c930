"""A request's body, read no further than its limit."""

from fastapi import Request

from services.ingest.domain.errors import Admission, NotAdmittedError


def media_type(request: Request, accepted: frozenset[str]) -> str:
    """Return the media type, bare and in lower case; NotAdmittedError if it is none of *accepted*."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in accepted:
        raise NotAdmittedError(Admission.WRONG_TYPE)
    return given


async def read_body(request: Request, longest: int) -> bytes:
    """
    Return the body; NotAdmittedError (`too_large`) as soon as it is longer than *longest* bytes.

    What the header says is believed only when it is too much: it may be missing or a lie.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > longest:
        raise NotAdmittedError(Admission.TOO_LARGE)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > longest:
            raise NotAdmittedError(Admission.TOO_LARGE)
        parts.append(part)
    return b"".join(parts)
