"""Who may speak at all: the first stage, for every kind of input alike."""

from collections.abc import Callable

from services.district.domain.pack import SourceKey
from services.ingest.domain.errors import Admission, NotAdmittedError, NotDurableError
from services.ingest.ports import Keys


class Admissions:
    """
    Lets a request in by its key.

    While *is_full* the disk's last space is kept for chains that run already: nothing is let in.
    """

    def __init__(self, keys: Keys, is_full: Callable[[], bool] = lambda: False) -> None:
        self._keys = keys
        self._is_full = is_full

    def admit(
        self, authorization: str | None, kind: str, session: SourceKey | None = None
    ) -> SourceKey:
        """
        Return whose request it is; NotAdmittedError when the key is wrong, not for it, or spent.

        *session* is the source that a logged-in user is, where there is no key.

        NotDurableError while the disk is full.
        """
        source = session if authorization is None else self._keys.holder(authorization)
        if source is None:
            raise NotAdmittedError(Admission.WRONG_KEY)
        if kind not in source.kinds:
            raise NotAdmittedError(Admission.NOT_YOUR_KIND)
        wait_s = self._keys.wait_s(source)
        if wait_s is not None:
            raise NotAdmittedError(Admission.TOO_MANY, wait_s)
        if self._is_full():
            raise NotDurableError("the disk is full")
        return source
