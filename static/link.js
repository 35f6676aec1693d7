// The page behind the slip's QR code. Without this script it still shows, reloads and rates.
const POLL_MS = 5000;
const PATIENCE_MS = 20000;

let known = null; // the ETag of what is shown
let seen = Date.now();
const shift = Date.parse(`${document.documentElement.dataset.now.slice(0, 19)}Z`) - seen; // to the hall's wall clock

const find = (name) => document.querySelector(`[data-${name}]`);

async function look() {
  const main = document.querySelector("main[data-follow]");
  if (!main || document.hidden) return;
  try {
    const answer = await fetch(main.dataset.follow, {
      cache: "no-store",
      headers: Object.assign({ Accept: "application/json" }, known && { "If-None-Match": known }),
    });
    if (answer.ok) {
      const changed = known !== null;
      known = answer.headers.get("ETag");
      if (changed) await show();
    } else if (answer.status !== 304) return;
    seen = Date.now();
  } catch (error) {
    // said below, once it lasts
  }
  fresh();
}

/** Take the page's middle from the page itself: what it says is written in one place. */
async function show() {
  const answer = await fetch(location.pathname + location.search, { cache: "no-store", headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = document.querySelector("main");
  const state = main.dataset.state;
  main.replaceWith(page.querySelector("main"));
  document.title = page.title;
  listen();
  const now = document.querySelector("main").dataset.state;
  const touched = navigator.userActivation && navigator.userActivation.hasBeenActive;
  if (now !== state && now === "called" && navigator.vibrate && touched) navigator.vibrate([300, 200, 300]);
}

function fresh() {
  const line = find("fresh");
  if (!line) return;
  const late = Date.now() - seen > PATIENCE_MS;
  line.classList.toggle("late", late);
  const time = new Date(seen + shift).toISOString().slice(11, 16);
  line.textContent = late ? `网络不通，以上是 ${time} 的进度，请看大厅屏幕` : "进度自动更新";
}

// The form: one rating, sent once, kept while the network is away.

function listen() {
  const form = find("rate");
  if (!form) return;
  const text = find("text");
  const most = text.maxLength;
  const count = () => (find("count").textContent = `已写 ${text.value.length} / ${most} 字`);
  text.addEventListener("input", count);
  count();
  form.noValidate = true; // a browser's own bubble points at the first level: a hint none shall have
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (new FormData(form).has("level")) return send(form);
    say("请先选择一个评价等级，再提交。");
  });
}

function say(sentence) {
  const told = find("told");
  told.textContent = sentence;
  told.hidden = false;
}

async function send(form) {
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  button.textContent = "正在提交…";
  find("told").hidden = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (answer.status === 201 || answer.status === 409) return await end(answer);
    say((await answer.json()).message);
  } catch (error) {
    say("网络不通，评价还没有送出。内容都在，请稍后再点“提交评价”。");
  }
  button.disabled = false;
  button.textContent = "提交评价";
}

async function end(answer) {
  await show();
  const ended = find("ended");
  const more = find("told");
  if (answer.status === 201 && ended) ended.textContent = "感谢您的评价";
  if (answer.status === 201 && more) {
    more.textContent = "评价已收到，谢谢。您还办理了下面这项，也可以评价。";
    more.className = "notice serving";
    more.hidden = false;
    document.querySelector("main").prepend(more);
  }
  scrollTo(0, 0);
}

listen();
fresh();
look();
setInterval(look, POLL_MS);
document.addEventListener("visibilitychange", look);
