// Keeps a page live: server-sent parts, the clock, countdowns, shortcuts. No state of its own.
"use strict";
(() => {
  const root = document.documentElement;
  const clock = document.querySelector("[data-clock]");
  const stale = document.getElementById("stale");
  const STALE_MS = 10000, DEAD_MS = 5000, AGAIN_MS = 1000;
  let offset = clock ? Date.parse(clock.dateTime) - Date.now() : 0;
  let heard = Date.now(), source = null;
  const now = () => Date.now() + offset;
  const pad = n => String(n).padStart(2, "0");
  const zone = root.dataset.zone || "Asia/Shanghai";
  const hms = new Intl.DateTimeFormat("zh-CN", {timeZone: zone, hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit"});

  const span = ms => {
    const s = Math.floor(Math.abs(ms) / 1000), h = Math.floor(s / 3600);
    return h ? `${h} 时 ${pad(Math.floor(s / 60) % 60)} 分` : `${pad(Math.floor(s / 60))}:${pad(s % 60)}`;
  };
  const tick = () => {
    const at = now();
    for (const one of document.querySelectorAll("[data-due]")) {
      const left = Date.parse(one.dataset.due) - at;
      const text = (left < 0 ? "超 " : "") + span(left);
      if (one.textContent !== text) one.textContent = text;
      one.classList.toggle("late", left < 0);
      one.classList.toggle("soon", left >= 0 && left < 60000);
    }
    for (const one of document.querySelectorAll("[data-since]")) {
      const text = span(at - Date.parse(one.dataset.since));
      if (one.textContent !== text) one.textContent = text;
    }
    if (!clock) return;
    const silent = source && Date.now() - heard > STALE_MS;
    if (stale.hidden === silent) stale.hidden = !silent;
    if (silent) clock.textContent = stale.textContent = "数据停在 " + hms.format(new Date(heard + offset));
    else { clock.textContent = hms.format(new Date(at)); clock.dateTime = new Date(at).toISOString(); }
  };

  const feed = document.querySelector("[data-feed]");
  // Of a list in which one row is new the others are left alone.
  const callbacks = {beforeNodeMorphed: (old, now) => !old.isEqualNode(now)};
  // What comes in a burst is shown in one frame, and a page that is too slow for every update shows the latest.
  const fresh = new Map();
  const show = () => {
    for (const [name, html] of fresh) {
      const target = document.querySelector(`[data-live="${name}"]`);
      if (target) Idiomorph.morph(target, html, {morphStyle: "innerHTML", ignoreActiveValue: true, callbacks});
    }
    fresh.clear();
    tick();
  };
  const put = event => {
    heard = Date.now();
    if (!fresh.size) requestAnimationFrame(show);
    fresh.set(event.type, event.data);
  };
  const connect = () => {
    source = new EventSource(feed.dataset.feed);
    source.addEventListener("clock", event => {
      heard = Date.now();
      offset = Date.parse(JSON.parse(event.data).now) - heard;
      tick();
    });
    for (const part of document.querySelectorAll("[data-live]")) source.addEventListener(part.dataset.live, put);
  };
  if (feed) {
    connect();
    // A wire that is cut without a word looks open for minutes. The server says something every second.
    let again = Date.now();
    setInterval(() => {
      if (Date.now() - heard > DEAD_MS && Date.now() - again > AGAIN_MS) {
        again = Date.now();
        source.close();
        connect();
      }
    }, AGAIN_MS);
  }
  tick();
  // A tab that is not looked at has no frames; what came meanwhile is shown here.
  setInterval(() => fresh.size ? show() : tick(), 500);

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    if (!/^[1-5]$/.test(event.key)) return;
    const link = document.querySelector(`[data-key="${event.key}"]`);
    if (link) { event.preventDefault(); link.click(); }
  });
})();
