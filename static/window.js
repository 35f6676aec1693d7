// The clerk's page. It shows what the hall tells, and asks the hall for each verb; it decides nothing.
import { connect, pageData, showConnection } from "/static/live.js";

const page = pageData();
const no = page.desk.no;
const PATIENCE_MS = 10000; // a hall that is silent for so long has not answered
const TOLD_MS = 10000; // a refusal is read by then, and no longer true
const find = (name) => document.querySelector(`[data-${name}]`);
const put = (name, text) => {
  find(name).textContent = text;
};

let desk = page.desk; // what the hall has told last
let ahead = 0; // the hall's clock against this device's steady one
let busy = null; // the verb that has not been answered
let queued = null; // the verb asked for meanwhile
let panel = null; // "pause" or "close" while its question is open
let forget = null;

const KEYS = { F2: "main", " ": "main", F3: "recall", F4: "miss", F8: "start", Enter: "start", F9: "finish", F10: "pause" };
const TICKET_WORDS = { called: "已呼叫", serving: "办理中" };
const WINDOW_WORDS = { open: "正在办理", paused: "暂停服务", closed: "未开启" };
const WINDOW_BADGES = { open: "serving", paused: "called", closed: "" };
const RATING_WORDS = {
  rated: "已评价",
  asked: "正在邀请评价",
  timed_out: "未评价（超时）",
  never_asked: "未邀请评价",
};

// What may be done now: null, or why not

const why = {
  main() {
    if (panel) return "请先回答上面的问题";
    if (desk.state !== "open") return null;
    // With nobody in line the hall is asked all the same: somebody may have come just now.
    return desk.active ? `请先办完 ${desk.active.number} 号` : null;
  },
  start() {
    if (!desk.active) return "还没有呼叫";
    return desk.active.state === "called" ? null : "已经开始办理";
  },
  recall() {
    if (!desk.active) return "还没有呼叫";
    if (desk.active.state !== "called") return "已经开始办理，无需重呼";
    return desk.active.recalls_left ? null : `已重呼 ${desk.active.recalls} 次，无人应答请过号`;
  },
  miss() {
    if (!desk.active) return "还没有呼叫";
    return desk.active.state === "called" ? null : "已经开始办理，不能过号";
  },
  finish() {
    if (!desk.active) return "还没有呼叫";
    return desk.active.state === "serving" ? null : "请先开始办理";
  },
  pause: () => (desk.state === "closed" ? "窗口未开启" : null),
  close() {
    if (desk.state === "closed") return "窗口未开启";
    return desk.active ? `请先办完 ${desk.active.number} 号` : null;
  },
};

function whyNot(verb) {
  if (busy) return "正在处理，请稍候";
  if (panel && verb !== "pause") return "请先回答上面的问题";
  return why[verb]();
}

// Asking the hall

async function ask(verb, path, body = {}) {
  busy = verb;
  tell("");
  render();
  const done = await asked(path, body).catch(() => {
    tell("网络中断，不知道这一步是否完成。恢复后请先看当前号码，再继续。");
    return false;
  });
  busy = null;
  render();
  const then = queued;
  queued = null;
  if (done && then) does(then);
}

async function asked(path, body) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  const answer = await fetch(`/api/v1/windows/${no}/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: patience.signal,
  });
  clearTimeout(timer);
  if (!answer.ok) tell((await answer.json()).message);
  await look();
  return answer.ok;
}

async function look() {
  const answer = await fetch(`/window/${no}/state.json`, { headers: { Accept: "application/json" } });
  if (answer.ok) told(await answer.json());
  else tell((await answer.json()).message);
}

const act = {
  main() {
    if (desk.state === "open") return ask("main", "calls");
    const clerk = document.querySelector("[name=clerk]").value.trim();
    return ask("main", "open", clerk && desk.state === "closed" ? { clerk } : {});
  },
  start: () => ask("start", "start"),
  recall: () => ask("recall", "recall"),
  miss: () => ask("miss", "miss"),
  async finish() {
    const form = find("result");
    const body = { outcome: form.elements.outcome.value };
    const number = form.elements.case_number.value.trim();
    if (number) body.case_number = number;
    await ask("finish", "finish", body);
    if (!desk.active) form.reset();
  },
  pause: () => (desk.state === "paused" ? act.main() : question(panel === "pause" ? null : "pause")),
  close: () => question("close"),
};

function does(verb) {
  if (busy) {
    if (verb !== busy) queued = verb; // a quick hand's next step; the same one again is a double press
    return;
  }
  const reason = whyNot(verb);
  if (reason) tell(reason);
  else act[verb]();
}

function question(name) {
  panel = name;
  tell("");
  for (const each of document.querySelectorAll("[data-panel]")) {
    each.hidden = each.dataset.panel !== name;
    each.reset();
  }
  if (name) document.querySelector(`[data-panel=${name}] button`).focus();
  render();
}

function pause(reason) {
  question(null);
  ask("pause", "pause", { reason });
}

// What the hall tells

function told(state) {
  if (state.rev < desk.rev) return;
  if (desk.active && (!state.active || state.active.visit !== desk.active.visit)) find("result").reset();
  desk = state;
  ahead = Date.parse(state.now) - performance.now();
  render();
}

function tell(sentence) {
  put("told", sentence);
  clearTimeout(forget);
  if (sentence) forget = setTimeout(tell, TOLD_MS, "");
}

function render() {
  const { active, clerk, state, last } = desk;
  put("window-name", desk.name === `${no}号窗口` ? "" : desk.name);
  put("clerk", clerk ? `${clerk.name}　工号 ${clerk.staff_number}` : "");
  put("window-state", WINDOW_WORDS[state]);
  find("window-state").className = `badge ${WINDOW_BADGES[state]}`;
  find("current").dataset.state = active ? active.state : state;
  find("current").hidden = Boolean(panel);
  find("ticket-state").hidden = !active;
  put("ticket-state", active ? TICKET_WORDS[active.state] : "");
  find("ticket-state").className = active ? `badge ${active.state}` : "badge";
  put("recalls", active && active.recalls ? `已重呼 ${active.recalls} / ${page.recalls_most} 次` : "");
  put("number", active ? active.number : { open: "空闲", paused: "已暂停", closed: "未开启" }[state]);
  const free = desk.waiting_total ? "可以呼叫下一位" : "没有人在等候";
  put("service", active ? active.service_name : { open: free, paused: desk.pause_reason, closed: "" }[state]);
  find("result").hidden = !active || active.state !== "serving";
  find("clerk-choice").hidden = state !== "closed";
  renderMain();
  for (const button of document.querySelectorAll("[data-verb]")) renderVerb(button);
  renderLine();
  put("last", last ? `上一位 ${last.number}　${last.service_name}　${RATING_WORDS[last.rating]}` : "");
  document.title = `${active ? active.number : `等候 ${desk.waiting_total} 人`} · ${no} 号窗口`;
  count();
}

function renderMain() {
  const label = { open: "呼叫下一位", paused: "恢复办理", closed: "开启窗口" }[desk.state];
  put("main-label", busy === "main" ? "正在处理…" : label);
  put("main-hint", whyNot("main") || (nobody() ? "现在没有人在等候" : ""));
  document.querySelector("[data-verb=pause] span").textContent = desk.state === "paused" ? "恢复" : "暂停";
}

const nobody = () => desk.state === "open" && !desk.active && !desk.waiting_total;

function next() {
  if (desk.active) return { called: "start", serving: "finish" }[desk.active.state];
  return nobody() ? null : "main";
}

function renderVerb(button) {
  const reason = whyNot(button.dataset.verb);
  button.setAttribute("aria-disabled", String(Boolean(reason)));
  button.title = reason || "";
  button.classList.toggle("next", button.dataset.verb === next());
  button.classList.toggle("busy", busy === button.dataset.verb);
}

function item(parts) {
  const line = document.createElement("li");
  for (const part of parts) {
    const span = document.createElement("span");
    span.textContent = part;
    line.append(span);
  }
  return line;
}

function waiting({ number, service_name, waited_minutes }) {
  const late = waited_minutes > page.wait_target_minutes;
  const line = item([number, service_name, `${late ? "超时 " : ""}${waited_minutes} 分钟`]);
  line.classList.toggle("late", late);
  return line;
}

function fill(name, items) {
  const list = find(name);
  list.textContent = "";
  for (const each of items) list.append(each);
}

function renderLine() {
  put("waiting-total", desk.waiting_total);
  fill("counts", desk.waiting.map((each) => item([each.name, `${each.waiting} 人`])));
  fill("line", desk.line.map(waiting));
  find("nobody").hidden = desk.line.length > 0;
}

const two = (number) => String(number).padStart(2, "0");

function count() {
  const { active, since, state } = desk;
  const from = active ? active.started_at || active.called_at : state === "paused" ? since : null;
  const seconds = Math.max(0, Math.floor((performance.now() + ahead - Date.parse(from)) / 1000));
  put("timer", from ? `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}` : "");
}

// Mouse and keys

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.verb) does(button.dataset.verb);
  else if (button.dataset.reason) pause(button.dataset.reason);
  else if ("back" in button.dataset) question(null);
});

// A verb clicked with the mouse keeps no focus: the next Space or Enter is the page's, not the button's.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-verb]")) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "post") return;
  event.preventDefault();
  if (form === find("result")) does("finish");
  else if (form.dataset.panel === "pause") pause(form.elements.reason.value.trim() || "暂停服务");
  else {
    question(null);
    ask("close", "close");
  }
});

const typing = (element) => element.matches("input:not([type=radio]), textarea, select");

function choose(number) {
  if (panel === "pause") {
    const reason = document.querySelectorAll("[data-reason]")[number - 1];
    if (reason) pause(reason.dataset.reason);
  } else if (!find("result").hidden) {
    const outcome = document.querySelectorAll("[name=outcome]")[number - 1];
    if (outcome) outcome.checked = true;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (panel) question(null);
    else document.activeElement.blur();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || typing(event.target)) return;
  if (event.key >= "1" && event.key <= "9") choose(Number(event.key));
  const verb = KEYS[event.key];
  const own = event.target.closest("button, a, input"); // Space and Enter belong to what has the focus
  if (!verb || (own && (event.key === " " || event.key === "Enter"))) return;
  event.preventDefault();
  if (!event.repeat) does(verb);
});

const live = connect({ role: "window", window: no, watch: { window: no }, on: { window: told } });
showConnection(live, document.querySelector(".connection"));
live.onState((state) => {
  if (state.kind === "live") desk.rev = 0; // a hall restored from a backup counts from less
});
setInterval(count, 500);
told(desk);
