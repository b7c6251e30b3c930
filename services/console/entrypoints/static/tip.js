// The operator's form: sends the tip at once, then asks which place it is where several have the name.
"use strict";
(() => {
  const form = document.getElementById("tip"), said = document.getElementById("said");
  const panel = document.getElementById("candidates"), list = panel.querySelector(".pl"), asks = panel.querySelector(".amb");
  const field = id => document.getElementById(id);
  const WORDS = {401: "登录已失效，请重新登录。", 403: "您不能接报，请换话务员登录。", 413: "内容太长。", 429: "接报太密，请稍等再发。", 503: "没有存下来，请再发一次，并电话报值班员。"};
  const TOWNS = JSON.parse(form.dataset.towns);
  let waiting = null, sending = false;

  const send = async body => {
    if (sending) return null;
    sending = true;
    said.textContent = "正在存…";
    try {
      const answer = await fetch("/v1/tips", {method: "POST", headers: {"Content-Type": "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf"]').content}, body: JSON.stringify({...body, status: form.dataset.status})});
      if (answer.ok) return await answer.json();
      const told = await answer.json().catch(() => ({}));
      said.textContent = WORDS[answer.status] || `没有收下：${told.reason || answer.status} ${told.detail || ""}`;
    } catch { said.textContent = "连不上系统。请再发一次，并电话报值班员。"; }
    finally { sending = false; }
    return null;
  };

  const ask = (tip, candidates) => {
    waiting = tip;
    asks.textContent = candidates.length > 1 ? `同名或相近 ${candidates.length} 处。请问清再定，不要猜。` : candidates.length ? "地点不确定，请核对。" : "没有认出地点：举报已存，请补写“在哪里”再派一次，或告诉值班员。";
    list.replaceChildren(...candidates.map((one, nth) => {
      const button = document.createElement("button"), key = document.createElement("kbd"), name = document.createElement("span");
      button.type = "button"; button.dataset.nth = nth + 1;
      key.textContent = nth + 1; name.textContent = [one.name, TOWNS[`${one.code.slice(0, 9)}000`]].filter(Boolean).join(" · ") + `（${one.code}）`;
      button.append(key, name);
      button.addEventListener("click", () => choose(one));
      return button;
    }));
    panel.hidden = false;
    (list.querySelector("button") || field("where")).focus();
  };

  const choose = async one => {
    const answer = await send({tip_id: waiting, place: {code: one.code}});
    if (!answer) return;
    panel.hidden = true; waiting = null;
    done(`已派：${one.name}`);
  };

  const done = text => { form.reset(); said.textContent = text; field("told").focus(); };

  form.addEventListener("submit", async event => {
    event.preventDefault();
    const extra = [field("people").value && `现场${field("people").value}人`, field("stuck").value && `走不动${field("stuck").value}人`].filter(Boolean).join("，");
    const body = waiting && field("where").value ? {tip_id: waiting, text: field("told").value, place: {text: field("where").value}}
      : {text: field("told").value + (extra ? `（${extra}）` : ""), occurred_at: new Date(Date.parse(document.querySelector("[data-clock]").dateTime)).toISOString(), place: {text: field("where").value}};
    const caller = {name: field("caller").value, number: field("phone").value};
    if (caller.name || caller.number) body.caller = Object.fromEntries(Object.entries(caller).filter(([, value]) => value));
    const answer = await send(body);
    if (!answer) return;
    if (answer.candidates) { said.textContent = "已存，地点待定。"; ask(answer.tip_id, answer.candidates); }
    else { panel.hidden = true; waiting = null; done("已派。"); }
  });
  form.addEventListener("reset", () => { panel.hidden = true; waiting = null; });

  document.addEventListener("keydown", event => {
    if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(); return; }
    const jump = {F1: "told", F2: "where", F3: "people", F4: "stuck", F5: "caller"}[event.key];
    if (jump) { event.preventDefault(); field(jump).focus(); return; }
    if (panel.hidden || event.ctrlKey || event.altKey || event.target.closest("input, textarea")) return;
    const button = list.querySelector(`[data-nth="${event.key}"]`);
    if (button) { event.preventDefault(); button.click(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const all = [...list.children], at = all.indexOf(document.activeElement);
      all[(at + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length]?.focus();
    }
  });
})();
