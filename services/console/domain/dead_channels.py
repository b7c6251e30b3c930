"""Where phones are dead: since when, who said so, and whom of an ask no call reaches therefore."""

from dataclasses import dataclass
from datetime import datetime

from schemas.dispatch import LedgerRecord
from services.console.domain.tracks import ChainTrack
from services.district.domain.pack import Pack
from services.district.domain.place_tree import PlaceTree

_VOICE = "voice"
_SUPERIOR = "superior"


@dataclass(frozen=True, slots=True)
class DeadChannel:
    """*channel* reaches nobody at *place* nor in what lies in it, as *user* reported."""

    place: str
    channel: str
    since: datetime
    user: str
    why: str


class DeadChannels:
    """Of the whole district: a dead mast is dead for an exercise and for the real thing."""

    def __init__(self, pack: Pack, tree: PlaceTree) -> None:
        self._posts = pack.roster.posts
        self._tree = tree
        self._dead: dict[tuple[str, str], DeadChannel] = {}

    def all(self) -> list[DeadChannel]:
        """Return what is dead now, the longest first."""
        return sorted(self._dead.values(), key=lambda one: (one.since, one.place, one.channel))

    def take(self, record: LedgerRecord) -> None:
        """A user reported channels dead at a place, or working again."""
        place, channels = str(record.detail["place"]), record.detail["channels"]
        for channel in channels if isinstance(channels, list) else ():
            key = place, str(channel)
            if record.detail["works"]:
                self._dead.pop(key, None)
            elif key not in self._dead:
                self._dead[key] = DeadChannel(
                    *key,
                    since=record.at,
                    user=str(record.detail.get("user") or ""),
                    why=str(record.detail.get("why") or ""),
                )

    def rungs(self, chain: ChainTrack) -> frozenset[str]:
        """Return the rungs of *chain* that no call reaches."""
        if not self._dead:
            return frozenset()
        return frozenset(kind for kind, _ in chain.people if self._is_dead(chain.post, kind))

    def _is_dead(self, post_id: str, kind: str) -> bool:
        post = self._posts.get(post_id)
        if post is not None and kind == _SUPERIOR and post.superior is not None:
            post = self._posts.get(post.superior)
        return post is not None and any(
            (outer, _VOICE) in self._dead for outer in self._tree.upwards(post.place)
        )
