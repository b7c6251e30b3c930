"""Every file of texts of a pack, read and held against each other and the rest of the pack."""

import re
from collections.abc import Iterable
from pathlib import Path

from schemas.rule import Rule
from services.district.build_templates import build_templates, build_translation
from services.district.check_texts import (
    WrittenTexts,
    check_approved,
    check_coverage,
    check_languages,
    warn_of_halves,
)
from services.district.document import Document, Model
from services.district.domain.policy import Policies
from services.district.domain.roster import Roster
from services.district.domain.templates import DEFAULT_LANGUAGE
from services.district.faults import Faults
from services.district.longest_texts import LongestTexts
from services.district.pack_files import PeopleFile
from services.district.read_yaml import read_yaml
from services.district.salvage import read_sound_part
from services.district.template_files import (
    LANGUAGE,
    ApprovedTextsFile,
    TemplatesFile,
    TranslationFile,
)

_DEFAULT_FILE = f"templates.{DEFAULT_LANGUAGE}.yaml"
_APPROVED_FILE = "approved_texts.yaml"
_NAMED = re.compile(rf"templates\.({LANGUAGE})\.yaml")


class Texts:
    """The texts of the pack in *folder*, the default language first; without one, none."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self._folder = folder
        self._faults = faults
        self.written: list[WrittenTexts] = []
        files = sorted(path.name for path in folder.glob("templates.*.yaml"))
        self._languages = {name: found[1] for name in files if (found := _NAMED.fullmatch(name))}
        for name in files:
            if name not in self._languages:
                faults.add(name, 1, "it is named templates.<language>.yaml, such as en or zh-HK")
        chinese = self._file(_DEFAULT_FILE, TemplatesFile)
        if chinese is None:
            return
        default = build_templates(*chinese, faults)
        self.written.append(WrittenTexts(chinese[0], default))
        for name, language in self._languages.items():
            other = self._file(name, TranslationFile) if name != _DEFAULT_FILE else None
            if other is not None:
                built = build_translation(*other, language, default, faults)
                self.written.append(WrittenTexts(other[0], built))

    def check(
        self,
        places: Iterable[str],
        roster: Roster,
        rules: Iterable[Rule],
        policies: Policies | None,
        people: tuple[Document, PeopleFile] | None,
    ) -> None:
        """Note what does not fit the rest of the pack."""
        approved = self._file(_APPROVED_FILE, ApprovedTextsFile)
        if approved is not None:
            check_approved(*approved, self.written, self._faults)
        if people is not None:
            check_languages(*people, self._languages.values(), self._faults)
        for texts in self.written[1:]:
            warn_of_halves(texts, self._faults)
        if policies is not None:
            posted = frozenset(post.role for post in roster.posts.values())
            longest = LongestTexts(places, roster, rules, policies)
            for texts in self.written:
                longest.check(texts, self._faults)
                check_coverage(texts, policies, posted, self._faults)

    def _file(self, name: str, model: type[Model]) -> tuple[Document, Model] | None:
        whole = read_yaml(self._folder, name, self._faults)
        return None if whole is None else read_sound_part(whole, model, self._faults)
