"""
What the browser itself tells of the board: when a town's name came, stood there, was painted; the
longest stretches in which the page could not answer a key, and how many frames it drew.
"""

import asyncio
import math
from dataclasses import asdict, dataclass
from typing import Any

from playwright.async_api import Page

# `came` is when the message arrived, `stood` when the list held the name, `painted` when the next
# frame after that began, in milliseconds since 1970. `made` is how long the server said it rendered.
_WATCH = """(() => {
  const now = () => performance.timeOrigin + performance.now();
  const watch = window.watch = {came: {}, made: {}, seen: {}, waits: {}, long: [], frames: 0, began: now()};
  const names = text => text.match(/第\\d+镇/g) || [];
  let unmade = [];
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (type, act, ...rest) {
    listen.call(this, type, event => {
      if (type === "responses") {
        const at = now();
        for (const name of names(event.data)) if (!watch.came[name]) { watch.came[name] = at; unmade.push(name); }
      }
      if (type === "clock") {
        for (const name of unmade) watch.made[name] = JSON.parse(event.data).made_ms;
        unmade = [];
      }
      act.call(this, event);
    }, ...rest);
  };
  const look = list => {
    const stood = now();
    const added = names(list.textContent).filter(name => !watch.seen[name]);
    for (const name of added) watch.seen[name] = {came: watch.came[name] ?? stood, stood};
    if (added.length) requestAnimationFrame(() => {
      for (const name of added) { watch.seen[name].painted = now(); watch.waits[name]?.(); }
    });
  };
  document.addEventListener("DOMContentLoaded", () => {
    const list = document.querySelector('[data-live="responses"]');
    if (!list) return;
    look(list);
    new MutationObserver(() => look(list)).observe(list, {childList: true, subtree: true, characterData: true});
  });
  new PerformanceObserver(list => watch.long.push(...list.getEntries().map(one => one.duration)))
    .observe({type: "longtask"});
  const frame = () => { watch.frames++; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
})()"""
_BEGIN = "() => Object.assign(watch, {long: [], frames: 0, began: performance.timeOrigin + performance.now()})"
_PAINTED = """async name => {
  if (!watch.seen[name]?.painted) await new Promise(resolve => watch.waits[name] = resolve);
  return watch.seen[name];
}"""
_MADE = "name => watch.made[name] ?? null"
_TOLD = """() => ({
  longest_task_ms: Math.max(0, ...watch.long),
  frames_per_s: watch.frames * 1000 / (performance.timeOrigin + performance.now() - watch.began),
})"""
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Update:
    """
    One update's way in milliseconds: *accepted* until the reading was answered, *decided* until the
    board's turn came, *rendered* until it was made and sent, *morphed* from the message's arrival
    until the page held it, *painted* until the next frame began.
    """

    accepted: float
    decided: float
    rendered: float
    morphed: float
    painted: float

    @property
    def whole(self) -> float:
        """From the request to the paint."""
        return math.fsum(asdict(self).values())

    def told(self) -> dict[str, float]:
        """Return where the time went."""
        return {name: round(spent, 1) for name, spent in asdict(self).items()}


class Watch:
    """Watches one page. Made before the page is opened."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def prepare(self) -> None:
        """Watch whatever the page opens from now on."""
        await self._page.add_init_script(_WATCH)

    async def begin(self) -> None:
        """Count long tasks and frames from now on."""
        await self._page.evaluate(_BEGIN)

    async def painted(self, name: str, began_ms: float, answered_ms: float) -> Update:
        """Return the way of the update that brought *name*, which was posted at *began_ms*."""
        async with asyncio.timeout(_PATIENCE_S):
            seen = await self._page.evaluate(_PAINTED, name)
        made_ms = min(await self._page.evaluate(_MADE, name) or 0.0, seen["came"] - began_ms)
        # The board may have it before the answer is read here.
        answered_ms = min(answered_ms, seen["came"] - made_ms)
        return Update(
            accepted=answered_ms - began_ms,
            decided=seen["came"] - made_ms - answered_ms,
            rendered=made_ms,
            morphed=seen["stood"] - seen["came"],
            painted=seen["painted"] - seen["stood"],
        )

    async def told(self) -> dict[str, Any]:
        """Return the longest task and the frames a second since `begin`."""
        told = await self._page.evaluate(_TOLD)
        return {name: round(value, 1) for name, value in told.items()}
