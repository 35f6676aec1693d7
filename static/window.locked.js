// A locked window: digits come from the keys or the pad, Enter unlocks. The lock itself is the hall's.

const form = document.querySelector("[data-lock]");
const field = form.elements.pin;
const pad = form.querySelector("[data-pad]"); // only where there is a PIN to type

if (pad) {
  pad.hidden = false;
  form.querySelector("[data-plain]").hidden = true;
}

function put(text) {
  field.value += text;
  field.focus();
}

for (const key of form.querySelectorAll("[data-digit]")) {
  // the field keeps the focus, so that keys and pad may take turns
  key.addEventListener("mousedown", (event) => event.preventDefault());
  key.addEventListener("click", () => put(key.dataset.digit));
}

form.querySelector("[data-clear]")?.addEventListener("click", () => {
  field.value = "";
  field.focus();
});

// wherever the focus is, a digit is meant for the PIN
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") field.value = "";
  if (event.target === field || event.ctrlKey || event.altKey || event.metaKey) return;
  if (!/^[0-9]$/.test(event.key)) return;
  event.preventDefault();
  put(event.key);
});

form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});

window.addEventListener("pageshow", () => {
  delete form.dataset.sent;
  field.value = "";
  field.focus();
});
