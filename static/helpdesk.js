// The help desk in the browser: keys, the picker of services, and figures that say when they are old.
// Every act is a form that works without this script.

const EVERY_MS = 5000;
// Two answers missed: what is shown may be wrong, and the page says so.
const LOST_AFTER_MS = 12000;

const find = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));

// -- finding by name or initials ----------------------------------------------------------------

/** Whether every word typed is in a row's name or begins one of its words (prefix, initials). */
function fits(typed, name, words) {
  return typed
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .every((part) => name.toLowerCase().includes(part) || words.split(" ").some((word) => word.includes(part)));
}

all("[data-picker]").forEach((picker) => {
  const typed = find("[data-picker-find]", picker);
  const none = find("[data-picker-none]", picker);
  const rows = all("li", picker);
  const radio = (row) => find("input", row);
  const show = () => {
    rows.forEach((row) => {
      row.hidden = !radio(row).checked && !fits(typed.value, find(".picker-name", row).textContent, row.dataset.words);
    });
    none.hidden = rows.some((row) => !row.hidden);
  };
  typed.hidden = false;
  typed.addEventListener("input", show);
  typed.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    event.preventDefault();
    const first = rows.find((row) => !row.hidden && !(typed.value.trim() && radio(row).checked)) || rows.find((row) => !row.hidden);
    if (!first) return;
    radio(first).checked = true;
    radio(first).focus();
  });
  const chosen = rows.find((row) => radio(row).checked);
  if (chosen) chosen.scrollIntoView({ block: "nearest" });
});

// -- acts ---------------------------------------------------------------------------------------

const acts = all(".act");
acts.forEach((act) => {
  // Not on "toggle", which comes a moment later: the first letter typed would be lost.
  find("summary", act).addEventListener("click", (event) => {
    event.preventDefault();
    const opens = !act.open;
    acts.forEach((each) => {
      each.open = opens && each === act;
    });
    // A key held down repeats itself: what cannot be undone is not reached with it.
    if (opens && !act.classList.contains("danger")) find("input:not([type=hidden]), button", act).focus();
  });
});

// A form is sent once; coming back to the page with the browser's arrow makes it usable again.
all("form[method=post]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
});
window.addEventListener("pageshow", () => {
  all("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// -- where the focus begins, and the keys -------------------------------------------------------

const search = find("#q");
const start = find("[data-takes-focus]") || find("[data-issue] [data-picker-find]");
if (start) start.focus();
search.addEventListener("focus", () => search.select());
if (document.activeElement === search) search.select();

document.addEventListener("keydown", (event) => {
  if (event.key === "F2") {
    event.preventDefault();
    find("[data-key=F2]").click();
  }
  if (event.key !== "Escape") return;
  const open = find("details[open]");
  if (open && open.contains(document.activeElement)) {
    open.open = false;
    find("summary", open).focus();
  } else {
    search.focus();
  }
});

// -- figures that stay right --------------------------------------------------------------------

const glance = find("[data-glance]");
const line = find("[data-connection]");
const ticket = find("[data-ticket]");
const filter = find("[data-glance-find]");
let heardAt = Date.now();
let told = line.textContent;

function put(name, value) {
  all(`[data-figure=${name}]`).forEach((element) => {
    element.textContent = value;
  });
}

function cell(row, tag, text, className) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  if (tag === "th") element.scope = "row";
  row.append(element);
}

function showRows(services) {
  const rows = services.map((each) => {
    const row = document.createElement("tr");
    row.dataset.code = each.code;
    row.dataset.words = each.words;
    row.className = each.alarm ? "alarm" : each.waiting ? "" : "calm";
    cell(row, "th", each.name);
    cell(row, "td", each.waiting, "number");
    cell(row, "td", each.wait === null ? "—" : each.wait, "number");
    cell(row, "td", each.alarm ? "■ 无" : each.open, "number");
    return row;
  });
  const body = find("[data-glance-rows]");
  body.textContent = "";
  body.append(...rows);
  showFitting();
}

function showFitting() {
  all("tr", find("[data-glance-rows]")).forEach((row) => {
    row.hidden = !fits(filter.value, row.cells[0].textContent, row.dataset.words);
  });
}

function showGlance(now) {
  put("waiting", now.waiting);
  put("open", now.open);
  put("windows", now.windows);
  put("longest", now.longest === null ? "—" : now.longest);
  put("unattended", now.unattended);
  find("[data-unattended]").hidden = !now.unattended;
  showRows(now.services);
}

/** Whether somebody is in the midst of something that a fresh page would take away. */
function busy() {
  return Boolean(find("details[open]")) || search.value !== search.defaultValue;
}

function showTicket(now) {
  if (String(now.seen) !== ticket.dataset.seen) {
    if (busy()) find("[data-changed]").hidden = false;
    else window.location.reload();
    return;
  }
  find("[data-minutes]").textContent = now.minutes;
  const ahead = find("[data-ahead]");
  if (!ahead) return;
  ahead.textContent = now.ahead;
  find("[data-wait-words]").hidden = now.wait === null;
  find("[data-wait]").textContent = now.wait === null ? "" : now.wait;
}

function say(state, words) {
  line.dataset.state = state;
  if (line.textContent !== words) line.textContent = words;
  if (state === "lost" || state === "refused") glance.dataset.stale = "yes";
  else delete glance.dataset.stale;
}

async function ask() {
  const number = ticket ? `?ticket=${ticket.dataset.ticket}` : "";
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), EVERY_MS);
  try {
    const answer = await fetch(`/helpdesk/now.json${number}`, { signal: stop.signal });
    if (answer.status === 401 || answer.status === 403) {
      say("refused", "登录已失效，请重新登录");
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const now = await answer.json();
    heardAt = Date.now();
    told = `数据时间 ${now.now}`;
    say("live", told);
    showGlance(now.glance);
    if (ticket && now.ticket) showTicket(now.ticket);
  } catch (error) {
    if (Date.now() - heardAt > LOST_AFTER_MS) say("lost", `连接中断，${told.replace("数据时间 ", "")} 之后没有更新`);
    else say("reconnecting", "正在重新连接");
  } finally {
    clearTimeout(late);
  }
}

filter.hidden = false;
filter.addEventListener("input", showFitting);
setInterval(ask, EVERY_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) ask();
});
