// Ctrl+Enter issues: a deliberate combination, never a single key.
"use strict";
document.addEventListener("keydown", event => {
  const form = document.getElementById("order");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) {
    event.preventDefault();
    form.requestSubmit(form.querySelector(".danger"));
  } else if (event.key === "Enter" && form && event.target.matches("input")) {
    event.preventDefault(); // Enter in a field must not call anybody
  }
});
