// The kiosk: service → 取号 → ticket. One view at a time; a new menu redraws the view it is on.
import { HallClock } from "/static/clock.js";
import { pageData } from "/static/live.js";
import { EntryViews, KEYS_MOST, onScan, typedKey } from "/static/kiosk.entry.js";
import { ask, forget, keep, kept, newTap, take } from "/static/kiosk.take.js";
import { REFUSALS_EN, text } from "/static/kiosk.texts.js";
import { el, Views } from "/static/kiosk.views.js";

const page = pageData();
const MENU_EVERY_MS = 5000;
const MENU_AGAIN_MS = 1000;
const COUNTDOWN_WARNS_AT = 10;
const RESUME_WITHIN_MS = 60000; // a reload later than this belongs to another person
const STUCK_MS = 7000; // without an answer; then there is something to press
const PHONE = /^1\d{10}$/;
const ID_NUMBER = /^\d{17}[\dX]$/;

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
  entry: null, // {way: "appointment" or "return", value, wrong, busy}
  found: [], // appointments
  returned: null, // the ticket that waits again
  tap: null,
  ticket: null,
  reprinting: false,
  refusal: null,
  sending: null, // the request for a ticket
  slow: false,
  stuck: false,
  secondsLeft: null,
};

const say = (key, blanks) => text(state.language, key, blanks);
const nameOf = (thing) => (state.language === "en" && thing.name_en) || thing.name;
const views = new Views(say, nameOf, () => state.language);
const entryViews = new EntryViews(views);

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
  if (["taking", "ticket", "refused"].includes(state.view)) forget();
  Object.assign(state, { department: null, service: null, tap: null, ticket: null, refusal: null, language: "zh" });
  Object.assign(state, { entry: null, found: [], returned: null });
  state.phone = { open: false, value: "", wrong: false };
  go("home");
}

function goBack() {
  if (state.view === "confirm" && state.cameFrom === "department") return go("department");
  if (state.view === "found") return openEntry("appointment");
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
  if (key === "delete") phone.value = phone.value.slice(0, -1);
  else if (phone.value.length < 18) phone.value += key;
  phone.wrong = false;
  draw();
  const again = document.querySelector(`[data-key="${key}"]`);
  if (again) again.focus({ preventScroll: true });
}

function pressTake() {
  if (state.view !== "confirm") return; // the second tap of a double tap
  const { phone } = state;
  const isPhone = PHONE.test(phone.value);
  if (phone.value && !isPhone && !ID_NUMBER.test(phone.value)) {
    phone.wrong = true;
    phone.open = true;
    return draw();
  }
  const request = { service: state.service, tap: state.tap, language: state.language };
  if (phone.value) request[isPhone ? "phone" : "id_number"] = phone.value;
  keep(request);
  send(request);
}

async function send(request) {
  Object.assign(state, { sending: request, slow: false, stuck: false });
  const left = () => state.sending !== request || state.view !== "taking";
  const become = (how) => {
    if (left() || state[how]) return;
    state[how] = true;
    draw();
  };
  go("taking");
  const stuck = setTimeout(become, STUCK_MS, "stuck");
  const answer = await take(request, () => become("slow"), left);
  clearTimeout(stuck);
  if (left()) return; // who stood here has gone, or tries again
  if (answer.refusal) forget();
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

// --- appointments and coming back ----------------------------------------------------------------

function openEntry(way) {
  state.entry = { way, value: "", wrong: "", busy: false };
  go("entry");
}

function pressEntryKey(key) {
  const { entry } = state;
  if (entry.busy) return;
  if (key === "clear") entry.value = "";
  else if (key === "delete") entry.value = entry.value.slice(0, -1);
  else if (entry.value.length < KEYS_MOST[entry.way]) entry.value += key;
  entry.wrong = "";
  draw();
  const again = document.querySelector(`[data-key="${key}"]`);
  if (again) again.focus({ preventScroll: true });
}

/** Ask the hall about what was typed or scanned; what is wrong is said above the keys. */
async function enter(way, text) {
  if (state.view !== "entry" || state.entry.way !== way) openEntry(way);
  const { entry } = state;
  if (entry.busy || !text) return;
  Object.assign(entry, { busy: true, wrong: "" });
  draw();
  const url = way === "appointment" ? "/kiosk/appointments" : "/kiosk/returns";
  let said;
  try {
    const { status, body } = await ask(url, { method: "POST", body: { text }, withinMs: 6000 });
    if (status < 300) said = { body };
    else said = { wrong: sentenceOf(body || {}) };
  } catch (noAnswer) {
    said = { wrong: say("entry_no_answer") };
  }
  entry.busy = false;
  if (state.entry !== entry || state.view !== "entry") return;
  if (said.wrong) {
    entry.wrong = said.wrong;
    entry.value = "";
    return draw();
  }
  if (way === "appointment") state.found = said.body;
  else state.returned = said.body;
  go(way === "appointment" ? "found" : "returned");
}

function checkIn(appointment) {
  if (state.view !== "found") return; // the second tap of a double tap
  state.service = appointment.service;
  const request = { service: appointment.service, tap: newTap(), language: state.language, appointment: appointment.code };
  keep(request);
  send(request);
}

/** A scanner types what it reads; a slip's code is the address of its page. */
function scanned(text) {
  if (["loading", "confirm", "taking"].includes(state.view) || blocked()) return false;
  if (state.view === "ticket") goHome();
  const returns = text.includes("/r/") || (state.entry && state.entry.way === "return");
  enter(returns ? "return" : "appointment", text);
  return true;
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

const sentenceOf = ({ code, message }) =>
  state.language === "en" ? REFUSALS_EN[code] || say("refused_do") : message || say("refused_do");

function refusedView() {
  const lost = state.refusal.code === "lost";
  const title = say(lost ? "lost_ticket" : "refused");
  const sentence = sentenceOf(state.refusal);
  if (lost) return views.message("refused", title, say("lost_ticket_do"), ...actsWithoutAnswer());
  const back = el("button.button.primary", { type: "button", onclick: goHome }, say("home"));
  return views.message("refused", title, sentence, back);
}

/** The same tap again: however often it is sent, it is one ticket. */
const actsWithoutAnswer = () => [
  el("button.button", { type: "button", id: "leave", onclick: goHome }, say("home")),
  el("button.button.primary", { type: "button", id: "again", onclick: () => send({ ...state.sending }) }, say("again")),
];

function takingView() {
  if (!state.stuck) return views.taking(state.slow);
  return views.message("busy", say("taking_stuck"), say("taking_stuck_do"), ...actsWithoutAnswer());
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
  home: () => views.home(state.menu, choose, enterDepartment, entryViews.doors(state.menu.entries || [], openEntry)),
  entry: () => entryViews.entry(state.entry, pressEntryKey, () => enter(state.entry.way, state.entry.value)),
  found: () => entryViews.found(state.found, clock.local().slice(0, 10), { checkIn, sentenceOf, home: goHome }),
  returned: () => entryViews.returned(state.returned, goHome),
  department: () => views.department(departmentNow(), choose),
  confirm: confirmView,
  taking: takingView,
  ticket: () => views.ticket(state.ticket, serviceNow().service, state.menu && state.menu.hall, { reprint, done: goHome }),
  refused: refusedView,
};

const mustStay = () => ["taking", "ticket", "refused", "returned"].includes(state.view);

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
  $("language").disabled = state.view === "taking" && !state.stuck;
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
  if (status === 401 && state.view !== "ticket") return location.reload(); // to be paired again; a ticket that is shown stays
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
onScan(scanned, (key) => state.view === "entry" && typedKey(key, pressEntryKey, () => enter(state.entry.way, state.entry.value)));
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
