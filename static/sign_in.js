// Signing in: show the password, say when capitals are on, keep this desk's window in mind.

const form = document.querySelector("[data-sign-in]");
const password = form.elements.password;
const show = form.querySelector(".password-show");
const windows = form.elements.window;
const KEPT = "hall-sign-in-window";

show.hidden = false;
show.addEventListener("click", () => {
  const shown = password.type === "password";
  password.type = shown ? "text" : "password";
  show.textContent = shown ? "隐藏密码" : "显示密码";
  show.setAttribute("aria-pressed", String(shown));
  password.focus();
});

password.addEventListener("keyup", (event) => {
  const on = event.getModifierState && event.getModifierState("CapsLock");
  document.getElementById("capitals").textContent = on ? "大写锁定已打开。" : "";
});

// a desk is at one window: who signs in there tomorrow finds it chosen
function kept() {
  try {
    return localStorage.getItem(KEPT) || "";
  } catch (refused) {
    return "";
  }
}

if (!windows.value && kept()) {
  windows.value = kept();
  if (windows.selectedIndex < 0) windows.value = "";
}

form.addEventListener("submit", (event) => {
  const button = form.querySelector("[type=submit]");
  if (button.disabled) {
    event.preventDefault();
    return;
  }
  button.disabled = true;
  button.textContent = "正在登录…";
  try {
    localStorage.setItem(KEPT, windows.value);
  } catch (refused) {
    // a browser that keeps nothing still signs in
  }
});

window.addEventListener("pageshow", () => {
  const button = form.querySelector("[type=submit]");
  button.disabled = false;
  button.textContent = "登录";
});
