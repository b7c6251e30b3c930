"""
The texts of a pack against the rest of it: what can be asked has words, in words that are approved.

A text that is missing, or that the carrier would refuse, is found here and not in the storm.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.district.document import Document
from services.district.domain.matrix import called_at
from services.district.domain.policy import Policies
from services.district.domain.templates import DEFAULT_LANGUAGE, Templates, TextKey
from services.district.domain.wording import About, Wording
from services.district.faults import Faults
from services.district.pack_files import PeopleFile
from services.district.template_files import ApprovedEntry, ApprovedTextsFile
from services.district.text_rules import may_depend_on

_MOST_SHOWN = 3
_SHOWN_AROUND = 12
"""Signs of a text that are shown from where it differs."""
_ASKED_BY_THE_MATRIX = frozenset({TextKey.VOICE_CONFIRM, TextKey.SMS_CONFIRM})


@dataclass(frozen=True, slots=True)
class WrittenTexts:
    """The texts in one language, with the file they stand in."""

    document: Document
    templates: Templates

    @property
    def outgoing(self) -> Iterator[tuple[TextKey, int, str]]:
        """Each variant that the carrier carries, with its number: not parts, nor loudspeakers."""
        for key, wording in self.templates.texts.items():
            if not key.is_part and key is not TextKey.LOUDSPEAKER:
                for nth, variant in enumerate(wording.variants):
                    yield key, nth, variant.text


def check_coverage(
    written: WrittenTexts, policies: Policies, posted: Collection[Role], faults: Faults
) -> None:
    """
    Note each text that has no variant for something it can be asked to say.

    A first confirmation is asked of the roles that the matrix calls; everything else may be said to
    any role that has a post, since a person may order what he likes of whom he likes.
    """
    for key, wording in written.templates.texts.items():
        wanted = (
            _by_the_matrix(policies, posted)
            if key in _ASKED_BY_THE_MATRIX
            else _whatever(key, posted)
        )
        missing = list(_without_words(wording, wanted))
        if missing:
            shown = ", ".join(map(_told, missing[:_MOST_SHOWN]))
            more = f" and {len(missing) - _MOST_SHOWN} more" if len(missing) > _MOST_SHOWN else ""
            reason = f"no text for {shown}{more}: give one without hazard, level and role"
            written.document.fault(faults, ("texts", key.value), reason)


def _by_the_matrix(policies: Policies, posted: Collection[Role]) -> Iterator[About]:
    for level in policies.levels:
        for hazard in Hazard:
            for role in called_at(policies, level, hazard):
                if role in posted:
                    yield About(hazard, level, role)


def _whatever(key: TextKey, posted: Collection[Role]) -> Iterator[About]:
    known = may_depend_on(key)
    hazards: Iterable[Hazard | None] = Hazard if "hazard" in known else (None,)
    for hazard in hazards:
        for level in Level if "level" in known else (None,):
            for role in posted if "role" in known else (None,):
                yield About(hazard, level, role)


def _without_words(wording: Wording, wanted: Iterable[About]) -> Iterator[About]:
    if any(not any(variant.rank) for variant in wording.variants):
        return  # one that is for everything
    yield from (about for about in wanted if wording.variant_for(about) is None)


def _told(about: About) -> str:
    named = (about.hazard, about.level, about.role)
    return " ".join(one.name if isinstance(one, Level) else one.value for one in named if one)


def check_languages(
    document: Document, file: PeopleFile, languages: Collection[str], faults: Faults
) -> None:
    """Note people for whose language there is no file of texts."""
    for at, person in enumerate(file.people):
        if person.language is not None and person.language not in languages:
            reason = f"there is no templates.{person.language}.yaml"
            document.fault(faults, ("people", at, "language"), reason)


def warn_of_halves(written: WrittenTexts, faults: Faults) -> None:
    """Warn of a language in which no whole call can be held."""
    if not written.templates.speaks:
        spoken = [key for key in TextKey if key.value.startswith("voice.")]
        missing = next(key.value for key in spoken if key not in written.templates.texts)
        reason = f"calls are held in {DEFAULT_LANGUAGE}, since there is no {missing}"
        written.document.warn(faults, ("texts",), reason)


def check_approved(
    document: Document, file: ApprovedTextsFile, written: Iterable[WrittenTexts], faults: Faults
) -> None:
    """Note each text that is not, sign for sign, one that the carrier has approved."""
    lines = {}
    for at, entry in enumerate(file.texts):
        if entry.id in lines:
            document.fault(faults, ("texts", at, "id"), f"the id {entry.id!r} stands here twice")
        lines[entry.id] = document.line_of(("texts", at))
    for texts in written if file.required else ():
        for key, nth, text in texts.outgoing:
            path = ("texts", key.value, nth, "text")
            if faults.is_faulty(texts.document.file, texts.document.line_of(path)):
                continue
            mine = [
                entry
                for entry in file.texts
                if entry.key is key and entry.language == texts.templates.language
            ]
            if all(entry.text != text for entry in mine):
                reason = _mend(document.file, lines, mine, text, texts.templates.language)
                texts.document.fault(faults, path, f"{key.value} is not an approved text: {reason}")


def _mend(
    file: str, lines: dict[str, int], entries: list[ApprovedEntry], text: str, language: str
) -> str:
    if not entries:
        return f"{file} has none in {language}"
    near = max(entries, key=lambda entry: SequenceMatcher(None, entry.text, text).ratio())
    at = next(
        (at for at, (one, other) in enumerate(zip(near.text, text, strict=False)) if one != other),
        min(len(near.text), len(text)),
    )
    here, approved = text[at : at + _SHOWN_AROUND], near.text[at : at + _SHOWN_AROUND]
    return (
        f"{file}:{lines[near.id]} ({near.id}) differs from sign {at + 1} on, "
        f"here {here!r}, approved {approved!r}"
    )
