"""The forms in which people write the name of a place: with and without its official ending."""

from schemas.place import Place, PlaceLevel

_COMMITTEES = ("社区居民委员会", "居民委员会", "村民委员会", "社区居委会", "居委会", "村委会")
_TOWN_ENDINGS = ("民族乡", "街道办事处", "街道", "镇", "乡")
_DISTRICT_ENDINGS = ("自治县", "新区", "区", "县", "市")
SHORTEST = 2
"""One character alone is no name of a place."""


def official_form(place: Place) -> str:
    """Return the name without its committee: "星光社区", "大田村", "南坪街道"."""
    if place.level is not PlaceLevel.VILLAGE:
        return place.name.removesuffix("办事处")
    for committee in _COMMITTEES:
        if place.name.endswith(committee):
            stem = place.name.removesuffix(committee)
            ending = "社区" if "社区" in committee or "居" in committee else "村"
            return stem if stem.endswith(("社区", "村")) else stem + ending
    return place.name


def bare_form(place: Place) -> str | None:
    """Return the name without any ending, "南坪", as people say towns; None when too little is left."""
    endings = {
        PlaceLevel.TOWN: _TOWN_ENDINGS,
        PlaceLevel.DISTRICT: _DISTRICT_ENDINGS,
        PlaceLevel.VILLAGE: ("社区", "村"),
        PlaceLevel.GRID: (),
    }[place.level]
    name = official_form(place)
    for ending in endings:
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            return stem if len(stem) >= SHORTEST else None
    return None
