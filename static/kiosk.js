// The kiosk: service → 取号 → ticket. One view at a time; a new menu redraws the view it is on.
import { HallClock } from "/static/clock.js";
import { pageData } from "/static/live.js";
import { ask, forget, keep, kept, newTap, take } from "/static/kiosk.take.js";
import { REFUSALS_EN, text } from "/static/kiosk.texts.js";
import { el, Views } from "/static/kiosk.views.js";

const page = pageData();
const MENU_EVERY_MS = 5000;
const MENU_AGAIN_MS = 1000;
const COUNTDOWN_WARNS_AT = 10;
const RESUME_WITHIN_MS = 60000; // a reload later than this belongs to another person
const PHONE = /^1\d{10}$/;

const $ = (id) => document.getElementById(id);
const clock = new HallClock();
const state = {
  view: "loading",
  language: "zh",
  menu: null,
  failures: 0,
  goneAt: null,
  signedOut: false,
  department: null, // code
  service: null, // code
  cameFrom: "home",
  phone: { open: false, value: "", wrong: false },
  tap: null,
  ticket: null,
  reprinting: false,
  refusal: null,
  slow: false,
  secondsLeft: null,
};

const say = (key, blanks) => text(state.language, key, blanks);
const nameOf = (thing) => (state.language === "en" && thing.name_en) || thing.name;
const views = new Views(say, nameOf, () => state.language);

const departmentNow = () => state.menu.departments.find((d) => d.code === state.department);
function serviceNow() {
  for (const department of state.menu ? state.menu.departments : [])
    for (const service of department.services) if (service.code === state.service) return { service, department };
  const service = state.menu && state.menu.common.find((s) => s.code === state.service);
  return { service: service || null, department: null };
}

// --- the way through the views -------------------------------------------------------------------

function go(view) {
  state.view = view;
  const { idle_seconds: idle, ticket_shown_seconds: shown } = page;
  if (view === "ticket") state.secondsLeft = withoutPaper() ? idle : shown;
  else state.secondsLeft = ["home", "taking", "loading"].includes(view) ? null : idle;
  draw();
  $("main").focus({ preventScroll: true });
}

function goHome() {
  if (state.view === "ticket") forget();
  Object.assign(state, { department: null, service: null, tap: null, ticket: null, refusal: null, language: "zh" });
  state.phone = { open: false, value: "", wrong: false };
  go("home");
}

function goBack() {
  if (state.view === "confirm" && state.cameFrom === "department") return go("department");
  return goHome();
}

function enterDepartment(department) {
  state.department = department.code;
  go("department");
}

function choose(service) {
  state.cameFrom = state.view;
  state.service = service.code;
  state.tap = newTap();
  state.phone = { open: false, value: "", wrong: false };
  go("confirm");
}

function pressKey(key) {
  const { phone } = state;
  if (key === "clear") phone.value = "";
  else if (key === "delete") phone.value = phone.value.slice(0, -1);
  else if (phone.value.length < 11) phone.value += key;
  phone.wrong = false;
  draw();
  const again = document.querySelector(`[data-key="${key}"]`);
  if (again) again.focus({ preventScroll: true });
}

function pressTake() {
  if (state.view !== "confirm") return; // the second tap of a double tap
  const { phone } = state;
  if (phone.value && !PHONE.test(phone.value)) {
    phone.wrong = true;
    phone.open = true;
    return draw();
  }
  const request = { service: state.service, tap: state.tap, language: state.language };
  if (phone.value) request.phone = phone.value;
  keep(request);
  send(request);
}

async function send(request) {
  state.slow = false;
  go("taking");
  const answer = await take(request, () => {
    if (state.slow) return;
    state.slow = true;
    draw();
  });
  if (answer.ticket) {
    state.ticket = answer.ticket;
    state.service = answer.ticket.service;
    go("ticket");
    watchPaper(answer.ticket.id);
  } else {
    state.refusal = answer.lost ? { code: "lost" } : answer.refusal;
    go("refused");
  }
  readMenu();
}

// --- paper ---------------------------------------------------------------------------------------

const withoutPaper = () => ["failed", "none"].includes(state.ticket.paper);
const showsTicket = (id) => state.view === "ticket" && state.ticket.id === id;

function paperBecomes(id, body) {
  if (!showsTicket(id)) return;
  const { paper, paper_message: message } = body;
  if (paper === state.ticket.paper && message === state.ticket.paper_message) return;
  Object.assign(state.ticket, { paper, paper_message: message });
  if (withoutPaper()) state.secondsLeft = page.idle_seconds; // time to photograph it
  draw();
}

async function watchPaper(id) {
  while (showsTicket(id) && state.ticket.paper === "printing") {
    await new Promise((resume) => setTimeout(resume, 700));
    try {
      const { status, body } = await ask(`/kiosk/tickets/${id}/paper`);
      if (status === 200) paperBecomes(id, body);
    } catch (noAnswer) {
      // The ticket stands; the next question may be answered.
    }
  }
}

async function reprint() {
  if (state.reprinting) return;
  const { id } = state.ticket;
  state.reprinting = true;
  $("reprint").disabled = true;
  $("reprint").textContent = say("reprinting");
  state.secondsLeft = page.idle_seconds;
  try {
    const { status, body } = await ask(`/kiosk/tickets/${id}/reprint`, {
      method: "POST",
      body: { tap: newTap() },
      withinMs: 6000,
    });
    if (status < 300) paperBecomes(id, body);
  } catch (noAnswer) {
    // The button comes back below; the number is on the screen.
  }
  state.reprinting = false;
  if (showsTicket(id)) {
    draw();
    watchPaper(id);
  }
}

// --- drawing -------------------------------------------------------------------------------------

function blocked() {
  if (state.signedOut) return views.message("offline", say("signed_out"), say("signed_out_do"));
  if (state.goneAt !== null) {
    const since = say("offline_since", { time: state.goneAt });
    return views.message("offline", `${say("offline")}（${since}）`, say("offline_do"));
  }
  if (!state.menu) return views.message("busy", say("loading"), "");
  if (!state.menu.open)
    return views.message("closed", say("closed"), (state.language === "zh" && state.menu.message) || say("closed_do"));
  if (!state.menu.departments.length && !state.menu.common.length)
    return views.message("empty", say("empty"), say("empty_do"));
  return null;
}

function refusedView() {
  const { code, message } = state.refusal;
  const lost = code === "lost";
  const title = say(lost ? "lost_ticket" : "refused");
  const english = state.language === "en";
  const sentence = english ? REFUSALS_EN[code] || say("refused_do") : message || say("refused_do");
  const back = el("button.button.primary", { type: "button", onclick: goHome }, say("home"));
  return views.message("refused", title, lost ? say("lost_ticket_do") : sentence, back);
}

function confirmView() {
  const { service, department } = serviceNow();
  if (!service) return views.message("empty", say("refused"), say("refused_do"));
  const open = () => {
    state.phone.open = true;
    draw();
  };
  const pad = state.phone.open
    ? views.phonePad(state.phone, pressKey)
    : el("button.button.phone-add", { type: "button", id: "phone-add", onclick: open }, say("phone_add"));
  return views.confirm(service, department, state.phone, { take: pressTake, pad });
}

const drawings = {
  loading: () => views.message("busy", say("loading"), ""),
  home: () => views.home(state.menu, choose, enterDepartment),
  department: () => views.department(departmentNow(), choose),
  confirm: confirmView,
  taking: () => views.taking(state.slow),
  ticket: () => views.ticket(state.ticket, serviceNow().service, state.menu && state.menu.hall, { reprint, done: goHome }),
  refused: refusedView,
};

const mustStay = () => ["taking", "ticket", "refused"].includes(state.view);

function draw() {
  const stop = mustStay() ? null : blocked();
  const scrolled = Array.from(document.querySelectorAll(".scrolls"), (list) => list.scrollTop);
  const view = stop || drawings[state.view]();
  const main = $("main");
  while (main.firstChild) main.firstChild.remove();
  main.append(view);
  const same = main.dataset.view === state.view;
  main.dataset.view = state.view;
  if (same) document.querySelectorAll(".scrolls").forEach((list, n) => (list.scrollTop = scrolled[n] || 0));
  drawFrame(Boolean(stop));
}

function drawFrame(stopped) {
  const english = state.language === "en";
  document.documentElement.lang = english ? "en" : "zh-CN";
  const { hall } = state.menu || {};
  if (hall) {
    $("hall-name").textContent = (english && hall.name_en) || hall.name;
    $("hall-name-other").textContent = english ? hall.name : hall.name_en;
    $("hall-name").lang = english && hall.name_en ? "en" : "zh-CN";
    $("hall-name-other").lang = english ? "zh-CN" : "en";
  }
  $("language").textContent = say("other_language");
  $("language").lang = english ? "zh-CN" : "en";
  $("language").disabled = state.view === "taking";
  const paperless = state.menu && state.menu.paper === "trouble" && !stopped && state.view !== "ticket";
  $("strip").hidden = !paperless;
  if (paperless) $("strip").textContent = say("paper_trouble");
  const atHome = ["home", "loading"].includes(state.view) || stopped;
  $("back").hidden = atHome || mustStay();
  $("back").textContent = `← ${say("back")}`;
  $("hint").textContent = say("home_hint");
  $("hint").hidden = !atHome || stopped;
  drawClock();
  drawCountdown();
}

function drawClock() {
  $("clock-time").textContent = clock.time();
  $("clock-date").textContent =
    state.language === "en" ? clock.local().slice(0, 10) : clock.date();
}

function drawCountdown() {
  const { secondsLeft } = state;
  const box = $("countdown");
  box.hidden = secondsLeft === null;
  if (secondsLeft === null) return;
  $("countdown-text").textContent = say("countdown", { n: secondsLeft });
  $("stay").textContent = say("stay");
  const warns = secondsLeft <= COUNTDOWN_WARNS_AT && state.view !== "ticket";
  box.classList.toggle("warns", warns);
  $("stay").hidden = !warns;
}

// --- time and the network ------------------------------------------------------------------------

function everySecond() {
  drawClock();
  if (state.secondsLeft === null) return;
  state.secondsLeft -= 1;
  if (state.secondsLeft <= 0) goHome();
  else drawCountdown();
}

function touched() {
  if (state.secondsLeft === null || state.view === "ticket") return;
  state.secondsLeft = page.idle_seconds;
  drawCountdown();
}

let menuTimer = null;
let menuText = "";

async function readMenu() {
  clearTimeout(menuTimer);
  let again = MENU_EVERY_MS;
  try {
    const { status, body } = await ask("/kiosk/menu.json");
    if (status >= 500) throw new Error(`menu ${status}`);
    menuArrived(status, body);
  } catch (noAnswer) {
    again = MENU_AGAIN_MS;
    menuMissing();
  }
  clearTimeout(menuTimer);
  menuTimer = setTimeout(readMenu, again);
}

function menuArrived(status, menu) {
  const changed = JSON.stringify({ ...menu, now: null });
  const back = state.goneAt !== null || state.failures > 0 || state.signedOut !== (status !== 200);
  state.failures = 0;
  state.goneAt = null;
  state.signedOut = status !== 200;
  if (menu && menu.now) clock.set(menu.now);
  if (status === 200) state.menu = menu;
  if (state.view === "loading" && state.menu) return goHome();
  if (state.view === "department" && state.menu && !departmentNow()) return goHome();
  if (changed !== menuText || back) drawLater();
  menuText = changed;
}

// A tile that is replaced between finger down and finger up never gets its click.
let fingerDown = false;
let owed = false;

function drawLater() {
  owed = fingerDown;
  if (!owed) draw();
}

function fingerUp() {
  fingerDown = false;
  if (owed) setTimeout(drawLater, 50); // after the click
}

function menuMissing() {
  state.failures += 1;
  if (state.failures < 2 || state.goneAt !== null) return;
  state.goneAt = clock.time();
  drawLater();
}

$("back").addEventListener("click", goBack);
$("stay").addEventListener("click", touched);
$("language").addEventListener("click", () => {
  state.language = state.language === "zh" ? "en" : "zh";
  if (state.secondsLeft === null && state.language === "en") state.secondsLeft = page.idle_seconds;
  draw();
});
document.addEventListener("pointerdown", touched, { passive: true });
document.addEventListener("pointerdown", () => (fingerDown = true), { passive: true });
document.addEventListener("pointerup", fingerUp, { passive: true });
document.addEventListener("pointercancel", fingerUp, { passive: true });
document.addEventListener("keydown", touched);
document.addEventListener("contextmenu", (event) => event.preventDefault());
setInterval(everySecond, 1000);
draw();
readMenu();
const interrupted = kept(RESUME_WITHIN_MS);
if (interrupted) {
  state.service = interrupted.service;
  state.language = interrupted.language || "zh";
  send(interrupted);
} else {
  forget();
}
