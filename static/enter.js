// Lets a device in: the key stands behind the # of the address, so it reaches no server log; the
// script posts it, forgets it, and goes to the page the hall names.

const doing = document.getElementById("doing");
const byHand = document.getElementById("by-hand");

function fromAddress() {
  const [key, ...rest] = location.hash.slice(1).split("&");
  const to = rest.find((part) => part.startsWith("to="));
  return { key: decodeURIComponent(key), to: to ? decodeURIComponent(to.slice(3)) : null };
}

function askByHand(message) {
  doing.textContent = message;
  byHand.hidden = false;
  byHand.querySelector("input").focus();
}

async function enter(key, to) {
  doing.textContent = "正在登录……";
  try {
    const answer = await fetch("/enter", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key, to }),
    });
    const said = await answer.json();
    if (!answer.ok) return askByHand(said.message);
    location.replace(said.to);
  } catch {
    askByHand("连不上服务器，请检查网络后再试。");
  }
  return undefined;
}

byHand.addEventListener("submit", (event) => {
  event.preventDefault();
  enter(document.getElementById("key").value.trim(), null);
});

function begin() {
  const { key, to } = fromAddress();
  // a reload or the history must not show the key again
  history.replaceState(null, "", location.pathname);
  if (key) enter(key, to);
  else askByHand("请输入管理员给这台设备的密钥。");
}

window.addEventListener("hashchange", begin);
begin();
