// Signing in, step by step: show what is typed, say when capitals are on, count down a wait, keep
// this desk's window in mind.

const form = document.querySelector("[data-sign-in]");
const button = form.querySelector("[type=submit]");
const word = button.textContent;
const windows = form.elements.window;
const KEPT = "hall-sign-in-window";

for (const show of form.querySelectorAll(".password-show")) {
  const field = show.parentElement.querySelector("input");
  show.hidden = false;
  show.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    show.textContent = shown ? "隐藏密码" : "显示密码";
    show.setAttribute("aria-pressed", String(shown));
    field.focus();
  });
}

const capitals = document.getElementById("capitals");
if (capitals) {
  form.addEventListener("keyup", (event) => {
    if (event.target.closest(".password") === null) return;
    const on = event.getModifierState && event.getModifierState("CapsLock");
    capitals.textContent = on ? "大写锁定已打开。" : "";
  });
}

// Too many failures: nothing that is sent before is looked at, so nothing is sent.
const wait = document.querySelector("[data-wait]");
const over = wait ? performance.now() + Number(wait.dataset.wait) * 1000 : 0;

function countDown() {
  const left = Math.ceil((over - performance.now()) / 1000);
  if (left <= 0) {
    button.disabled = false;
    button.textContent = word;
    const told = wait.querySelector("[data-wait-words]");
    if (told) told.textContent = "现在可以再试一次。";
    return;
  }
  button.disabled = true;
  button.textContent = left < 120 ? `请等 ${left} 秒` : `请等 ${Math.ceil(left / 60)} 分钟`;
  setTimeout(countDown, 250);
}

// a desk is at one window: who signs in there tomorrow finds it chosen
function kept() {
  try {
    return localStorage.getItem(KEPT) || "";
  } catch (refused) {
    return "";
  }
}

if (windows && !windows.value && kept()) {
  windows.value = kept();
  if (windows.selectedIndex < 0) windows.value = "";
}

form.addEventListener("submit", (event) => {
  if (button.disabled) {
    event.preventDefault();
    return;
  }
  button.disabled = true;
  button.textContent = "请稍候…";
  if (!windows) return;
  try {
    localStorage.setItem(KEPT, windows.value);
  } catch (refused) {
    // a browser that keeps nothing still signs in
  }
});

window.addEventListener("pageshow", () => {
  button.disabled = false;
  button.textContent = word;
  if (wait) countDown();
});

for (const print of document.querySelectorAll("[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
