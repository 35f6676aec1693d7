// The evaluator where the province asks: the clerk's card, the province's page or QR code, thanks.
// The hall never learns what was rated there; it keeps that it asked.
import { find, put, putCard } from "/static/evaluator.card.js";
import { connect, pageData, showConnection } from "/static/live.js";

const MESSAGE_MS = 4000;

const hall = pageData(); // what the hall has told last
let ahead = 0; // the hall's clock against this device's steady one
let screen = "";
let until = 0; // when what is shown ends, by the steady clock
let done = null; // the visit whose citizen has finished

function show(name, milliseconds) {
  screen = name;
  until = performance.now() + milliseconds;
  for (const each of document.querySelectorAll("[data-screen]")) {
    each.hidden = each.dataset.screen !== name;
  }
  if (name !== "ask") openPage("");
  count();
}

function say(kind, title, text) {
  find("screen=message").dataset.kind = kind;
  put("message-sign", kind === "thanks" ? "✓" : "i");
  put("message-title", title);
  put("message-text", text);
  show("message", MESSAGE_MS);
}

// What the hall tells

function told(state) {
  Object.assign(hall, state);
  ahead = Date.parse(state.now) - performance.now();
  if (screen === "ask" && !hall.ask && hall.last === "elsewhere") return late();
  if (screen !== "message" || hall.ask) next();
}

const late = () => say("late", "感谢您的光临", "评价时间已到。您仍可在省政务服务平台评价。");
const left = () => (hall.ask ? Date.parse(hall.ask.expires_at) - ahead - performance.now() : 0);

function next() {
  if (hall.ask && hall.ask.visit !== done && left() > 0) ask();
  else if (screen !== "message" || performance.now() >= until) idle();
}

function ask() {
  const { number, service, clerk, page } = hall.ask;
  put("ask-facts", [number + " 号", service, clerk].filter(Boolean).join(" · "));
  show("ask", left());
  if (page) openPage(page);
}

/** Show the province's page of a visit; with none, close it: the next citizen sees nothing of it. */
function openPage(address) {
  const place = find("page");
  if (!place || (place.dataset.page || "") === address) return;
  place.dataset.page = address;
  place.textContent = "";
  if (!address) return;
  const frame = document.createElement("iframe");
  frame.title = "省政务服务平台的评价页面";
  frame.sandbox = "allow-forms allow-same-origin allow-scripts"; // it may not take the pad away
  frame.referrerPolicy = "no-referrer";
  frame.src = address;
  place.append(frame);
}

function idle() {
  putCard(hall);
  show("idle", Infinity);
}

// What the citizen does, and time

function finish() {
  done = hall.ask && hall.ask.visit;
  say("thanks", "感谢您的光临", "您的评价由省政务服务平台保存，请慢走。");
}

function count() {
  if (screen !== "ask") return;
  const rest = Math.max(0, until - performance.now());
  put("ask-left", `还有 ${Math.ceil(rest / 1000)} 秒`);
  find("ask-bar").style.transform = `scaleX(${Math.min(1, rest / (hall.ask_seconds * 1000))})`;
}

function tick() {
  count();
  if (performance.now() < until) return;
  if (screen === "ask") late();
  else if (screen === "message") next();
}

find("finish").addEventListener("click", finish);
document.addEventListener("contextmenu", (event) => event.preventDefault());

const live = connect({
  role: "evaluator",
  window: hall.window,
  on: {
    ask: (asked) => told({ ask: asked, now: asked.now }),
    idle: (state) => told(Object.assign(state, { ask: null })),
  },
});
showConnection(live, document.querySelector(".connection"));
setInterval(tick, 250);
told(hall);
