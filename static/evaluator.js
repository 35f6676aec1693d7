// The evaluator at a window: the clerk's card, five faces when a service ends, reasons, thanks.
// One touch is a rating: a choice is kept on this device until the hall has acknowledged it.
import { find, put, putCard } from "/static/evaluator.card.js";
import { connect, pageData, showConnection } from "/static/live.js";

const REASONS_MS = 8000; // for reasons after the choice, and again after each touch
const WRITING_MS = 20000; // and after each letter
const MESSAGE_MS = 4000;
const SLOW_MS = 400; // an answer that takes longer is said to be on its way
const PATIENCE_MS = 5000;
const RETRY_MS = [1000, 2000, 3000, 5000];

let hall = pageData(); // what the hall has told last
let ahead = 0; // the hall's clock against this device's steady one
let screen = "";
let until = 0; // when what is shown ends, by the steady clock
let span = 1;
const store = "rating.kept." + hall.window;
const line = JSON.parse(localStorage.getItem(store)) || []; // made here, not yet acknowledged
let choice = null; // {visit, level, tags, text}: the one being made
let done = line.length ? line[line.length - 1].visit : null; // the visit that is not asked about again
let sending = false;

function keep(made) {
  choice = made;
  localStorage.setItem(store, JSON.stringify(made ? [...line, made] : line));
}

function show(name, milliseconds, whole = milliseconds) {
  const fresh = screen !== name;
  screen = name;
  span = whole;
  until = performance.now() + milliseconds;
  for (const each of document.querySelectorAll("[data-screen]")) {
    each.hidden = each.dataset.screen !== name;
  }
  if (fresh && name === "reasons") {
    find("screen=reasons").dataset.fresh = ""; // the second touch of a double tap meets nothing
    setTimeout(() => delete find("screen=reasons").dataset.fresh, 350);
  }
  count();
}

function say(kind, title, text) {
  find("screen=message").dataset.kind = kind;
  put("message-sign", { thanks: "✓", sending: "…" }[kind] || "i");
  put("message-title", title);
  put("message-text", text);
  show("message", MESSAGE_MS);
}

// What the hall tells

function told(state) {
  Object.assign(hall, state);
  ahead = Date.parse(state.now) - performance.now();
  const asked = hall.ask && hall.ask.visit;
  if (screen === "ask" && !asked && hall.last === "timed_out") return late();
  if (choice && asked && asked !== choice.visit) send();
  if (screen !== "message" && screen !== "reasons") next();
}

const late = () => say("late", "感谢您的光临", "评价时间已到。您仍可扫小票上的二维码评价。");
const left = () => (hall.ask ? Date.parse(hall.ask.expires_at) - ahead - performance.now() : 0);

function next() {
  if (hall.ask && hall.ask.visit !== done && left() > 0) ask();
  else idle();
}

function ask() {
  const { number, service, clerk } = hall.ask;
  put("ask-facts", [number + " 号", service, clerk].filter(Boolean).join(" · "));
  show("ask", left(), hall.ask_seconds * 1000);
}

function idle() {
  putCard(hall);
  show("idle", Infinity);
}

// What the citizen does

function choose(level) {
  if (screen !== "ask") return;
  done = hall.ask.visit;
  keep({ visit: done, level, tags: [], text: "" });
  const { name, tags } = hall.levels.find((each) => each.level === level);
  put("chosen-name", name);
  put("chosen-face", "");
  find("chosen-face").append(find(`level=${level}`).querySelector(".face").cloneNode(true));
  find("text").value = "";
  put("tags", "");
  tags.forEach(offer);
  find("more").hidden = tags.every((tag) => tag.first);
  show("reasons", REASONS_MS); // the hall takes it after its own time-out, too
}

function offer(tag) {
  const item = document.createElement("li");
  item.innerHTML = '<button type="button" class="tag" aria-pressed="false"></button>';
  item.hidden = !tag.first;
  item.firstChild.textContent = tag.text;
  item.firstChild.dataset.tag = tag.code;
  find("tags").append(item);
}

function reason(button) {
  if ("more" in button.dataset) {
    for (const item of find("tags").children) item.hidden = false;
    button.hidden = true;
  } else {
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") === "false");
  }
  note(REASONS_MS);
}

function note(milliseconds) {
  if (!choice) return;
  const tags = Array.from(document.querySelectorAll(".tag[aria-pressed=true]"), (each) => each.dataset.tag);
  keep(Object.assign(choice, { tags, text: find("text").value.trim() }));
  show("reasons", milliseconds);
}

function chooseAgain() {
  keep(null);
  done = null;
  next();
}

// On its way to the hall

function post(made) {
  const patience = new AbortController(); // a dead cable answers nothing for minutes
  setTimeout(() => patience.abort(), PATIENCE_MS);
  return fetch("/api/v1/ratings", {
    method: "POST",
    keepalive: true, // also from a page that is going away
    signal: patience.signal,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(Object.assign({ channel: "evaluator" }, made)),
  });
}

/** Whether the hall has decided: 5xx, 401, 403 and silence leave the choice here. */
async function posted(made, first) {
  const answer = await post(made);
  if (answer.status >= 500 || [401, 403].includes(answer.status)) return false;
  const refusal = answer.ok ? {} : await answer.json();
  if (screen === "ask" || screen === "idle") return true; // who chose has left
  if (answer.ok || (refusal.code === "already_rated" && !first)) {
    say("thanks", "感谢您的评价", hall.closing_words);
  } else {
    say("late", "感谢您的光临", refusal.message);
  }
  return true;
}

function onItsWay() {
  find("kept").hidden = false;
  if (screen === "reasons") say("sending", "正在送出您的评价", "您的选择已经记下，不用再点。");
}

/** Put the choice into the line, and send the line until it is empty. */
async function send() {
  const made = choice;
  if (made) line.push(made);
  keep(null);
  if (sending) return made && onItsWay();
  sending = true;
  const slow = setTimeout(onItsWay, SLOW_MS);
  for (let tries = 0; line.length; tries++) {
    if (await posted(line[0], !tries).catch(() => false)) {
      line.shift();
      keep(choice);
      tries = -1;
    } else {
      const pause = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  clearTimeout(slow);
  find("kept").hidden = true;
  sending = false;
}

// Time

function count() {
  const rest = Math.max(0, until - performance.now());
  const seconds = Math.ceil(rest / 1000);
  const bar = { ask: "ask-bar", reasons: "submit-bar" }[screen];
  if (bar) find(bar).style.transform = `scaleX(${Math.min(1, rest / span)})`;
  if (screen === "ask") put("ask-left", `还有 ${seconds} 秒`);
  if (screen === "reasons") put("submit-left", `${seconds} 秒后自动提交`);
}

function tick() {
  count();
  if (performance.now() < until) return;
  if (screen === "ask") late();
  else if (screen === "reasons" && choice) send();
  else if (screen === "message") next();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.level) choose(button.dataset.level);
  else if ("again" in button.dataset) chooseAgain();
  else if ("submit" in button.dataset) send();
  else reason(button);
});
find("text").addEventListener("input", () => note(WRITING_MS));
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.target === find("text")) return;
  const level = hall.levels.find((each) => each.key === event.key);
  if (level) choose(level.level);
  if (event.key === "Enter" && screen === "reasons" && event.target === document.body) send();
});
addEventListener("pagehide", () => choice && post(choice));
document.addEventListener("contextmenu", (event) => event.preventDefault());

const live = connect({
  role: "evaluator",
  window: hall.window,
  on: {
    ask: (ask) => told({ ask, now: ask.now }),
    idle: (state) => told(Object.assign(state, { ask: null })),
  },
});
showConnection(live, document.querySelector(".connection"));
setInterval(tick, 250);
told(hall);
if (line.length) send();
