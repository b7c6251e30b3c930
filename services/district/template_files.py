"""The shapes of a pack's texts: `templates.<language>.yaml` and `approved_texts.yaml`."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from schemas.hazard import Hazard
from schemas.measure import Measure
from schemas.metric import Metric
from schemas.role import Role
from services.district.domain.spoken import CodeOne
from services.district.domain.templates import DEFAULT_LANGUAGE, TextKey
from services.district.file_types import Entry, LevelName

Name = Annotated[str, StringConstraints(min_length=1)]
LANGUAGE = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
"""BCP 47, as far as packs need it: en, zh-HK, uig."""


def _as_list(written: Any) -> Any:
    return written if isinstance(written, list | tuple) else [written]


Hazards = Annotated[
    tuple[Hazard, ...],
    BeforeValidator(_as_list, json_schema_input_type=Hazard | tuple[Hazard, ...]),
]
"""A hazard, or a list of them; so are the next two."""
Levels = Annotated[
    tuple[LevelName, ...],
    BeforeValidator(_as_list, json_schema_input_type=LevelName | tuple[LevelName, ...]),
]
Roles = Annotated[
    tuple[Role, ...],
    BeforeValidator(_as_list, json_schema_input_type=Role | tuple[Role, ...]),
]


class VariantEntry(Entry):
    """A text, and which hazards, levels and roles it is for; none: for all."""

    text: Name
    hazard: Hazards = ()
    level: Levels = ()
    role: Roles = ()


def _as_variants(written: Any) -> Any:
    if isinstance(written, str | int | float):
        return [{"text": written}]
    return [written] if isinstance(written, dict) else written


Text = Annotated[
    tuple[VariantEntry, ...],
    Field(min_length=1),
    BeforeValidator(
        _as_variants, json_schema_input_type=Name | VariantEntry | tuple[VariantEntry, ...]
    ),
]
"""A text, or one or more variants."""


class TranslationFile(Entry):
    """`templates.<language>.yaml`: what it leaves out is taken from `templates.zh-CN.yaml`."""

    texts: dict[TextKey, Text] = Field(default_factory=dict)
    hazards: dict[Hazard, Name] = Field(default_factory=dict)
    levels: dict[LevelName, Name] = Field(default_factory=dict)
    measures: dict[Measure, Name] = Field(default_factory=dict)
    metrics: dict[Metric, Name] = Field(default_factory=dict)
    names: dict[Name, Name] = Field(default_factory=dict)


class TemplatesFile(Entry):
    """`templates.zh-CN.yaml`."""

    code_one: CodeOne = CodeOne.YAO
    texts: dict[TextKey, Text]
    hazards: dict[Hazard, Name]
    levels: dict[LevelName, Name]
    measures: dict[Measure, Name]
    metrics: dict[Metric, Name]


class ApprovedEntry(Entry):
    """A text as the carrier has approved it, under the *id* it has there."""

    id: Name
    key: TextKey
    text: Name
    language: Annotated[str, StringConstraints(pattern=f"^{LANGUAGE}$")] = DEFAULT_LANGUAGE


class ApprovedTextsFile(Entry):
    """`approved_texts.yaml`; *required* false where the carrier sends every text as it stands."""

    required: bool = True
    texts: tuple[ApprovedEntry, ...] = ()
