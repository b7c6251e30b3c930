"use strict";

// Screens are rendered and escaped by the server; here they are only put in place. What one
// presses is never replaced, so nothing moves under a finger and the focus stays.
const main = document.getElementById("main");
const link = document.getElementById("link");

const post = (path, fields) =>
  fetch(`/phones/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Requested-With": "phones" },
    body: JSON.stringify(fields),
  });

const fragment = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
};

const show = (phone) => {
  const card = document.getElementById(`ph-${phone.id}`);
  if (!card) {
    main.append(fragment(phone.card));
    return;
  }
  card.dataset.doing = phone.doing;
  card.querySelector(".scr").replaceChildren(fragment(phone.screen));
};

main.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-act]");
  if (!button) return;
  const id = button.closest(".ph").dataset.id;
  post(`${id}/${button.dataset.act}`, button.dataset.key ? { key: button.dataset.key } : {});
});

main.addEventListener("change", (event) => {
  const choice = event.target.closest("select[data-act]");
  if (choice) post(`${choice.closest(".ph").dataset.id}/habit`, { habit: choice.value });
});

main.addEventListener("submit", (event) => {
  event.preventDefault();
  const body = event.target.elements.body;
  if (!body.value.trim()) return;
  post(`${event.target.closest(".ph").dataset.id}/sms`, { body: body.value });
  body.value = "";
});

document.getElementById("hands").addEventListener("click", (event) => {
  const button = event.currentTarget;
  const manual = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(manual));
  post("hands", { manual });
});

document.getElementById("faster").addEventListener("click", () => post("faster", {}));

const keep = (theme) => {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
};
keep(localStorage.getItem("theme") === "dark" ? "dark" : "light");
document.getElementById("theme").addEventListener("click", () =>
  keep(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
);

const events = new EventSource(`/phones/events?seen=${main.dataset.seen}`);
events.onmessage = (event) => JSON.parse(event.data).forEach(show);
events.onopen = () => { link.textContent = "已连接"; };
events.onerror = () => { link.textContent = "连接中断，正在重连"; };
