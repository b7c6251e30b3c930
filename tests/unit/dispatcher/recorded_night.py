"""A night whose ledger and rows are kept, so that it can be lived through again from the ledger."""

from datetime import datetime, timedelta

from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.inputs import Input, WokenUp
from services.dispatcher.domain.record.ledger import Head, seal
from services.dispatcher.domain.record.pack_digest import pack_digest
from services.dispatcher.domain.record.recorded_input import Loaded
from services.dispatcher.domain.record.taking import take
from services.dispatcher.domain.script import Script
from services.dispatcher.entrypoints.rebuild import Rebuilding, rebuild
from services.district.domain.pack import Pack
from tests.districts import DISTRICT
from tests.unit.dispatcher.night import MIDNIGHT, Night

START_TAKES = timedelta(seconds=2)
"""How long a process is away that starts again."""


class RecordedNight(Night):
    """Keeps what the store would; `restart` begins with nothing else."""

    def __init__(self, pack: Pack, start: datetime = MIDNIGHT) -> None:
        super().__init__(pack, start)
        self.pack = pack
        self.records: list[bytes] = []
        self._head = Head()
        self._loaded: Loaded | None = Loaded(self.now, pack_digest(pack))
        self.tell(WokenUp(restarted=True))

    def tell(self, what: Input) -> Script | None:
        """Tell the desk *what*, and keep what came of it as the store would."""
        script, effects = take(self.desk, what, self.now, self._loaded)
        self.note(effects)
        if effects.facts:
            self._loaded = None
        records, self._head = seal(effects.facts, DISTRICT, self._head, self.now)
        self.records += records
        return script

    def reload(self) -> None:
        """Whatever is in memory is gone; the desk is read from the store."""
        self.desk = Desk(self.pack)
        self.kept.load(self.desk, self.now)
        self._loaded = Loaded(self.now, pack_digest(self.pack))

    def restart(self) -> None:
        """The process dies, and another takes its place."""
        self.now += START_TAKES
        self.reload()
        self.tell(WokenUp(restarted=True))

    def change_pack(self, pack: Pack) -> None:
        """The process is started again with another district pack."""
        self.pack = pack
        self.restart()

    def rebuilt(self) -> Rebuilding:
        """The night lived through again from the ledger, compared with ledger and rows."""
        return rebuild(self.records, [self.pack], DISTRICT, self.kept.as_stored())
