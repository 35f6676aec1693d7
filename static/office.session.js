// Who does nothing for long is signed out: a minute before, the page says so; then it leaves.
// Typing and clicking are told as doing something. That the page is open is not.

const EVERY_MS = 20000;
const TOLD_SECONDS = 120;
const DOINGS = ["keydown", "pointerdown", "input", "wheel"];
const bar = document.querySelector("[data-leaving]");
let did = false;

/** Say when the stay ends, or nothing while that is far. */
function show(seconds) {
  const soon = seconds !== null && seconds <= TOLD_SECONDS;
  bar.hidden = !soon;
  if (!soon) return;
  const when = seconds >= 60 ? `${Math.round(seconds / 60)} 分钟` : `${seconds} 秒`;
  bar.querySelector("[data-leaving-words]").textContent = `${when}后自动退出登录。`;
}

/** Leave for the sign-in, and from there back to this page. */
function leave() {
  const here = location.pathname + location.search;
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
}

async function ask() {
  const acted = did;
  did = false;
  try {
    const answer = await fetch(acted ? "/signed-in?acted" : "/signed-in", {
      headers: { Accept: "application/json" },
    });
    if (answer.status === 401) leave();
    else if (answer.ok) show((await answer.json()).seconds);
  } catch (offline) {
    did = did || acted; // told again, when the hall answers
  }
}

for (const doing of DOINGS) {
  addEventListener(doing, () => (did = true), { capture: true, passive: true });
}
bar.querySelector("[data-stay]").addEventListener("click", ask);
setInterval(ask, EVERY_MS);
