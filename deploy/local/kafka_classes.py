"""
Kafka's classes, loaded and checked once for all starts: it saves half of what each start computes.

The archive is a cache of this machine's Java, beside the jars. A node without it starts as well.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path


def class_options(jars: Path, record: Callable[[Path], None]) -> Sequence[str]:
    """Return what Java is told to use the archive, which *record* makes if it is not there."""
    archive = jars.parent / f"{jars.name}-{_this_java()}.jsa"
    if not archive.exists():
        # Two processes may record at once: each writes a file of its own, and the last one counts.
        draft = archive.with_suffix(f".{os.getpid()}")
        record(draft)
        if not draft.exists():
            return ()
        draft.replace(archive)
    return (f"-XX:SharedArchiveFile={archive}",)


def note_classes_in(archive: Path) -> str:
    """Return what Java is told to write *archive* when it ends."""
    return f"-XX:ArchiveClassesAtExit={archive}"


def _this_java() -> str:
    # An archive is good for the Java that wrote it, and another one would pass it over.
    java = Path(shutil.which("java") or "java").resolve()
    changed_at = java.stat().st_mtime_ns if java.exists() else 0
    return hashlib.sha256(f"{java} {changed_at}".encode()).hexdigest()[:12]
