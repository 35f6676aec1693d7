// Parts that the page, its dialogs and the small window share.
import { html, useEffect, useState } from "/static/vendor/preact-htm.module.js";
import { keyWord } from "/static/window.keys.js";
import { clock, OPEN_WORDS, MAIN_WORDS, mainVerb, TICKET_WORDS, UNDO_WORDS, whyNot, WINDOW_WORDS } from "/static/window.verbs.js";

const TICK_MS = 250;
const LINE_WORDS = { connecting: "正在连接", live: "已连接", reconnecting: "正在重新连接", lost: "连接中断" };

export const Key = ({ names }) => names.map((name) => html`<kbd key=${name}>${keyWord(name)}</kbd>`);

/** Paint again four times a second, for what counts seconds. */
export function useTick() {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((now) => now + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
}

/** A verb clicked with the mouse keeps no focus: the next Space or Enter is the page's. */
export const keepFocus = (event) => event.preventDefault();

// The second click of a double click would hit what the button has become meanwhile.
export const once = (act) => (event) => {
  if (event.detail <= 1) act();
};

export function Verb({ hall, keyboard, verb, label, view = "page", kind = "" }) {
  const reason = whyNot(verb, hall);
  const names = keyboard.on ? keyboard.keys[verb] || [] : [];
  return html`<button
    type="button"
    class=${`verb ${kind} ${hall.busy === verb ? "busy" : ""}`}
    data-verb=${verb}
    aria-disabled=${String(Boolean(reason))}
    aria-keyshortcuts=${names.join(" ").replace(/Ctrl/g, "Control") || null}
    title=${reason || ""}
    onMouseDown=${keepFocus}
    onClick=${once(() => hall.does(verb, view))}
  >
    <span>${label}</span><${Key} names=${names.slice(0, 1)} />
  </button>`;
}

/** The one large button: what comes next in the life of a ticket. */
export function MainAct({ hall, keyboard, view = "page", short = false }) {
  // in the small window finishing has a place of its own
  const verb = short && mainVerb(hall.desk) === "finish" ? "call" : mainVerb(hall.desk);
  const word = verb === "open" ? OPEN_WORDS[hall.desk.state] : MAIN_WORDS[verb];
  const label = short ? word.slice(0, 2) : word;
  const names = keyboard.on ? keyboard.keys[verb === "open" ? "call" : verb] : [];
  const nobody = verb === "call" && !hall.desk.waiting_total;
  const reason = whyNot(verb, hall);
  return html`<button
    type="button"
    class=${`main-act ${nobody || reason ? "" : "next"}`}
    data-verb="main"
    data-does=${verb}
    aria-disabled=${String(Boolean(reason))}
    aria-keyshortcuts=${names.join(" ") || null}
    onMouseDown=${keepFocus}
    onClick=${once(() => hall.does(verb, view))}
  >
    <span class="main-label" data-main-label>${hall.busy === verb ? "正在处理…" : label}</span>
    ${!short && html`<span class="main-hint" data-main-hint>${reason || (nobody ? "现在没有人在等候" : "")}</span>`}
    <${Key} names=${short ? names.slice(0, 1) : names} />
  </button>`;
}

/** How long the called or served one is here, or how long the window has paused. */
export function Timer({ hall }) {
  useTick();
  const { active, since, state } = hall.desk;
  const from = active ? active.started_at || active.called_at : state === "paused" ? since : null;
  return html`<span class="timer" data-timer role="timer">${from ? clock(hall.now() - Date.parse(from)) : ""}</span>`;
}

export function StateBadge({ hall }) {
  const { active, state } = hall.desk;
  if (active) return html`<span class=${`badge ${active.state}`} data-ticket-state>${TICKET_WORDS[active.state]}</span>`;
  return html`<span class=${`badge ${state === "paused" ? "called" : ""}`}>${state === "open" ? "等待呼叫" : WINDOW_WORDS[state]}</span>`;
}

/** Take the last step back while it still may be, with the seconds that are left. */
export function Undo({ hall, keyboard, view = "page" }) {
  useTick();
  const left = Math.ceil(hall.undoLeft / 1000);
  if (left <= 0 || hall.holding === "taken") return null;
  const known = hall.last && hall.last.until === hall.desk.undo_until;
  const what = known ? `${UNDO_WORDS[hall.last.verb]} ${hall.last.number}` : "上一步";
  return html`<button
    type="button"
    class="undo"
    data-verb="undo"
    aria-label=${`撤销${what}`}
    onMouseDown=${keepFocus}
    onClick=${once(() => hall.does("undo", view))}
  >
    <span>撤销${view === "page" ? what : ""}</span><span class="undo-left" data-undo-left aria-hidden="true">${left} 秒</span>
    ${view === "page" && keyboard.on && html`<${Key} names=${keyboard.keys.undo} />`}
  </button>`;
}

/** What the hall answered, where the clerk looks; it keeps its line, so that nothing jumps. */
export function Said({ said }) {
  return html`<div class=${`told ${said ? said.kind : ""}`} data-told role="alert">${said ? said.text : ""}</div>`;
}

export function Connection({ hall }) {
  const { kind, since, message } = hall.line;
  const at = kind === "lost" ? `（自 ${hall.live.timeOf(since)}）` : "";
  const words = kind === "refused" ? message || "未登录，请联系管理员" : LINE_WORDS[kind] + at;
  return html`<p class="connection" role="status" data-state=${kind === "connecting" ? "reconnecting" : kind}>${words}</p>`;
}
