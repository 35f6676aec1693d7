// A browser that wants to become a device: shows its code, waits, and goes where it then belongs.
// The code stands on the screen only; what lets this browser in is a cookie no script can read.

const ASK_EVERY_MS = 1500;
const AGAIN_MS = 3000;

const show = (id) => document.getElementById(id);
const main = document.querySelector(".pair");
const doing = show("doing");
const again = show("again");

let over = 0;
let timer = null;

async function ask(address, body) {
  const answer = await fetch(address, {
    method: body ? "POST" : "GET",
    cache: "no-store",
    headers: body ? { "Content-Type": "application/json" } : { Accept: "application/json" },
    body: body && JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(said.message), { status: answer.status });
  return said;
}

const later = (what, ms) => {
  clearTimeout(timer);
  timer = setTimeout(what, ms);
};

function sayWhy(trouble) {
  doing.textContent = trouble.status ? trouble.message : "连不上服务器，正在重试。请检查网络。";
}

async function takeCode() {
  again.hidden = true;
  try {
    const screenSize = `${window.innerWidth}×${window.innerHeight}`;
    const said = await ask("/pair/code", { screen: screenSize });
    show("code").textContent = said.code;
    show("check").textContent = said.check;
    show("qr").src = said.qr;
    show("qr").hidden = false;
    over = performance.now() + said.seconds * 1000;
    later(look, ASK_EVERY_MS);
    sayTime();
  } catch (trouble) {
    sayWhy(trouble);
    again.hidden = !trouble.status;
    later(takeCode, trouble.status === 429 ? 60000 : AGAIN_MS);
  }
}

function sayTime() {
  const minutes = Math.max(1, Math.ceil((over - performance.now()) / 60000));
  doing.textContent = `等待配对。配对码还有 ${minutes} 分钟有效，过后自动更换。`;
}

async function look() {
  try {
    const said = await ask("/pair/state.json");
    if (said.state === "paired") return become();
    if (said.state === "gone") return takeCode();
    sayTime();
  } catch (trouble) {
    sayWhy(trouble);
  }
  later(look, ASK_EVERY_MS);
  return undefined;
}

async function become() {
  doing.textContent = "已配对，正在打开……";
  try {
    const said = await ask("/pair/enter", { next: main.dataset.next });
    location.replace(said.to);
  } catch (trouble) {
    if (trouble.status === 404) return takeCode();
    sayWhy(trouble);
    later(become, AGAIN_MS);
  }
  return undefined;
}

again.addEventListener("click", takeCode);
takeCode();
