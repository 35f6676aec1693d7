// A hall screen: shows the whole board each time it comes.
import { HallClock } from "/static/clock.js";
import { connect, pageData, showConnection } from "/static/live.js";
import { Announcer, Player } from "/static/voice.js";

const page = pageData();
const LINES = 6; // of either list
const TURN_MS = 8000;
const $ = (id) => document.getElementById(id);
const clock = new HallClock();
let board = null;
let newestKey = null;
let turn = 0;
let announcer = null;
let speaking = null;

function el(kind, text, ...children) {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(tag);
  element.className = classes.join(" ");
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

function fill(parent, children) {
  parent.textContent = "";
  parent.append(...children);
}

const long = (kind, text) => el(text.length > 9 ? `${kind}.long` : kind, text);
const keyOf = (call) => `${call.id}:${call.recall}`;
const where = (call) => `${call.window}号窗口`;
const nameOf = (call) => (call.window_name === where(call) ? "" : call.window_name);

function showBoard(next) {
  board = next;
  clock.set(board.now);
  const [newest, ...older] = board.calls;
  showNewest(newest);
  const rows = older.slice(0, LINES).map(lastRow);
  fill($("last"), rows.length ? rows : [el("li.none", "暂无更早的呼叫")]);
  showWaiting();
  if (announcer) announcer.hear(board.calls);
}

function showNewest(call) {
  const notice = board.notices[0] || "请先取号，听到叫号后到窗口办理";
  const known = newestKey;
  newestKey = call ? keyOf(call) : notice;
  if (newestKey === known) return;
  const section = $("newest");
  if (!call) {
    section.className = "newest nobody";
    return fill(section, [el("p.welcome", "欢迎光临"), el("p.welcome-hint", notice)]);
  }
  section.className = "newest";
  if (known) setTimeout(() => section.classList.add("fresh"), 20); // the flash begins anew
  const name = nameOf(call);
  const place = el("p.place", "", el("span.window", where(call)));
  if (name) place.append(long("span.window-name", name));
  section.classList.toggle("named", Boolean(name));
  section.classList.toggle("long", call.number.length > 4);
  fill(section, [el("p.number", call.number), el("p.arrow", "→"), place]);
}

function lastRow(call) {
  const kind = call.state === "called" ? "li.called" : "li";
  const row = el(kind, "", el("span.number", call.number), el("span.arrow", "→"), el("span.window", where(call)));
  row.dataset.key = keyOf(call);
  if (keyOf(call) === speaking) row.classList.add("speaking");
  return row;
}

function showWaiting() {
  const services = board.services.filter((each) => each.open || each.waiting).sort((a, b) => b.waiting - a.waiting);
  const pages = Math.max(1, Math.ceil(services.length / LINES));
  const now = turn % pages;
  $("page-of").textContent = pages > 1 ? `${now + 1}/${pages}` : "";
  const rows = services.slice(now * LINES, (now + 1) * LINES).map((each) =>
    el("li", "", long("span.service", each.name), el("span.people", String(each.waiting)), el("span.unit", "人")),
  );
  fill($("waiting"), rows.length ? rows : [el("li.none", "暂无开放的业务")]);
}

function showStrip(state) {
  const notice = board && board.calls.length ? board.notices[0] : "";
  const strip = $("strip");
  const gone = state.kind === "lost" || state.kind === "refused";
  strip.className = gone ? "strip gone" : "strip";
  strip.textContent = gone ? "屏幕内容可能不是最新，请以窗口呼叫为准，或到咨询台询问" : notice;
  strip.hidden = !strip.textContent;
  document.body.classList.toggle("stale", gone);
}

function speaks(call) {
  speaking = call && keyOf(call);
  for (const row of $("last").children) row.classList.toggle("speaking", row.dataset.key === speaking);
  if (call) document.dispatchEvent(new CustomEvent("spoken", { detail: call }));
}

function startVoice() {
  const player = new Player();
  announcer = new Announcer(player, page, clock, speaks);
  const button = $("sound");
  const update = () => (button.hidden = !player.blocked());
  player.context.addEventListener("statechange", update);
  document.addEventListener("click", () => player.wake());
  player.wake();
  setTimeout(update, 300); // the browser needs a moment to allow it
}

function tick() {
  $("clock-time").textContent = clock.time();
  $("clock-date").textContent = clock.date();
}

if (page.voice) startVoice();
const live = connect({ role: "display", zone: page.zone, watch: { zone: page.zone }, on: { board: showBoard } });
showConnection(live, $("connection"));
live.onState(showStrip);
tick();
setInterval(tick, 1000);
setInterval(() => {
  turn += 1;
  if (board) showWaiting();
  showStrip(live.state());
}, TURN_MS);
