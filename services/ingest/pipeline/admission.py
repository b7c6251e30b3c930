"""Who may speak at all: the first stage, for every kind of input alike."""

from services.district.domain.pack import SourceKey
from services.ingest.domain.errors import Admission, NotAdmittedError
from services.ingest.ports import Keys


class Admissions:
    """Lets a request in by its key."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def admit(self, authorization: str | None, kind: str) -> SourceKey:
        """Return whose request it is; NotAdmittedError when the key is wrong, not for it, or spent."""
        source = self._keys.holder(authorization)
        if source is None:
            raise NotAdmittedError(Admission.WRONG_KEY)
        if kind not in source.kinds:
            raise NotAdmittedError(Admission.NOT_YOUR_KIND)
        wait_s = self._keys.wait_s(source)
        if wait_s is not None:
            raise NotAdmittedError(Admission.TOO_MANY, wait_s)
        return source
