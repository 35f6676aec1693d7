// The clerk's page: the number, the one large button, the other verbs, and the line behind it.
import { html, useRef, useState } from "/static/vendor/preact-htm.module.js";
import { CurrentDialog } from "/static/window.dialogs.js";
import { Connection, keepFocus, Key, MainAct, once, Said, StateBadge, Timer, Undo, useTick, Verb } from "/static/window.parts.js";
import { keyWord } from "/static/window.keys.js";
import { clock, IDLE_WORDS, RATING_WORDS, whyNot, WINDOW_WORDS } from "/static/window.verbs.js";

const MINUTE_MS = 60000;

export function Page({ hall, keyboard, openSmall }) {
  if (hall.locking) return html`<${Locking} no=${hall.no} />`;
  return html`
    <${Top} hall=${hall} keyboard=${keyboard} openSmall=${openSmall} />
    ${hall.holding === "taken"
      ? html`<${Taken} hall=${hall} view="page" />`
      : html`<main data-holding=${hall.holding} data-busy=${hall.busy}>
          <${Work} hall=${hall} keyboard=${keyboard} />
          <${Behind} hall=${hall} keyboard=${keyboard} />
        </main>`}
    <${CurrentDialog} hall=${hall} keyboard=${keyboard} view="page" />
  `;
}

/** Nothing of the window, while the hall is asked to lock it. */
export const Locking = ({ no }) => html`<p class="opening" role="status" data-locking>正在锁定${no}号窗口……</p>`;

// -- who works where ----------------------------------------------------------------------------

function Top({ hall, keyboard, openSmall }) {
  const lockKeys = keyboard.on ? keyboard.keys.lock : [];
  const { no, clerk, stands_in_for, state } = hall.desk;
  const name = hall.desk.name === `${no}号窗口` ? "" : hall.desk.name;
  return html`<header class="top">
    <h1>
      <strong>${no}</strong>号窗口${name && html`<span class="window-name" data-window-name title=${name}>${name}</span>`}
    </h1>
    <p class="who" data-clerk>
      ${clerk ? `${clerk.name}　工号 ${clerk.staff_number}` : ""}
      ${stands_in_for && html`<span class="stands-in" data-stands-in>代班<span>（代 ${stands_in_for.name}）</span></span>`}
    </p>
    <p class=${`badge ${{ open: "serving", paused: "called" }[state] || ""}`} data-window-state>${WINDOW_WORDS[state]}</p>
    <${Connection} hall=${hall} />
    <div class="top-acts">
      <button type="button" class="button quiet" data-open-small onMouseDown=${keepFocus} onClick=${openSmall}>小窗口</button>
      ${hall.page.me &&
      html`<button type="button" class="button quiet" data-lock aria-keyshortcuts=${lockKeys.join(" ").replace(/Ctrl/g, "Control") || null}
        title=${lockKeys.length ? `快捷键 ${lockKeys.map(keyWord).join("、")}` : ""} onMouseDown=${keepFocus} onClick=${() => hall.lock()}>锁定</button>`}
      <button type="button" class="button quiet" data-settings onMouseDown=${keepFocus} onClick=${() => hall.ask("keys", "page")}>快捷键</button>
      ${hall.page.me &&
      html`<form method="post" action="/sign-out">
        <input type="hidden" name="window" value=${no} /><input type="hidden" name="role" value="window" /><input type="hidden" name="kind" value="person" />
        <button class="button quiet">退出登录</button>
      </form>`}
    </div>
  </header>`;
}

// -- what is being done -------------------------------------------------------------------------

function Work({ hall, keyboard }) {
  const verb = { hall, keyboard };
  const { state } = hall.desk;
  return html`<section class="work" aria-label="办理">
    <${Current} hall=${hall} />
    <div class="after">
      <${Undo} hall=${hall} keyboard=${keyboard} />
      <${Said} said=${hall.dialog ? null : hall.said} />
      ${!hall.said && html`<${Unrated} hall=${hall} />`}
    </div>
    <${MainAct} ...${verb} />
    <div class="verbs">
      <${Verb} ...${verb} verb="recall" label="重呼" />
      <${Verb} ...${verb} verb="miss" label="过号" />
      <${Verb} ...${verb} verb="transfer" label="转办" />
      <${Verb} ...${verb} verb="hold" label="挂起" />
      <${Verb} ...${verb} verb="pause" label=${state === "paused" ? "恢复" : "暂停"} kind="rare" />
      <${Verb} ...${verb} verb="close" label="关闭窗口" kind="rare" />
    </div>
  </section>`;
}

function Current({ hall }) {
  const { active, state } = hall.desk;
  const cut = ["lost", "refused"].includes(hall.line.kind);
  return html`<div class=${`current ${cut ? "cut" : ""}`} data-current data-state=${active ? active.state : state}>
    ${cut && html`<p class="cut-note" data-cut>连接中断，号码可能不是最新。按键仍可试，恢复后自动更新。</p>`}
    <p class="current-state">
      <${StateBadge} hall=${hall} />
      <${Timer} hall=${hall} />
      ${active && active.recalls > 0 && html`<span data-recalls>已重呼 ${active.recalls} / ${hall.page.recalls_most} 次</span>`}
    </p>
    <p class=${`current-number ${active && active.number.length > 4 ? "long" : ""}`} data-number aria-live="assertive">${active ? active.number : IDLE_WORDS[state]}</p>
    <div class="current-about">
      <p class="current-service" data-service>${active ? active.service_name : idleWords(hall.desk)}</p>
      ${active ? html`<${Facts} active=${active} />` : html`<${AtRest} hall=${hall} />`}
    </div>
  </div>`;
}

const idleWords = (desk) =>
  ({ open: desk.waiting_total ? `${desk.waiting_total} 人在等候` : "没有人在等候", paused: desk.pause_reason, closed: "开启后才能叫号" })[desk.state];

/** What a clerk should know of who stands there. Nothing is said that is as usual. */
function Facts({ active }) {
  const first = active.first_receiver;
  const facts = [
    ["为什么先叫", active.why, "why"],
    ["优先", active.priority, "priority"],
    ["首接责任", first && `${first.window}号窗口${first.clerk ? ` ${first.clerk.name}（${first.clerk.staff_number}）` : ""}`, "first-receiver"],
    ["姓名", active.holder, "holder"],
    ["代办人", active.helper, "helper"],
    ["过号", active.misses ? `已过号 ${active.misses} 次` : "", "misses"],
  ].filter(([, told]) => told);
  return html`<dl class="facts">
    ${facts.map(([name, told, key]) => html`<div key=${key} data-fact=${key}><dt>${name}</dt><dd>${told}</dd></div>`)}
  </dl>`;
}

/** Nobody is served: who opens, and as whom. */
function AtRest({ hall }) {
  const { state, clerk } = hall.desk;
  const me = hall.page.me;
  if (state === "closed" && !me) {
    return html`<label class="case">
      <span>工号（代班时填写，不填为本窗口人员）</span>
      <input
        name="clerk"
        maxlength="40"
        autocomplete="off"
        spellcheck=${false}
        onInput=${(event) => (hall.clerk = event.target.value.trim())}
        onKeyDown=${(event) => event.key === "Enter" && hall.does("open")}
      />
    </label>`;
  }
  if (me && clerk && state !== "closed" && clerk.staff_number !== me.staff_number) {
    return html`<p class="relieve">
      窗口现由 ${clerk.name} 值守。
      <button type="button" class="button" data-relieve onClick=${once(() => hall.open())}>由 ${me.name} 接班</button>
    </p>`;
  }
  return null;
}

/** The last one has not rated: say so while something can still be done about it. */
function Unrated({ hall }) {
  useTick();
  const last = hall.desk.last_unrated;
  if (!last) return null;
  const left = last.expires_at ? Math.ceil((Date.parse(last.expires_at) - hall.now()) / 1000) : 0;
  if (last.asked && left > 0) {
    return html`<p class="unrated asked" data-unrated>${last.number} 正在邀请评价（${left} 秒）</p>`;
  }
  return html`<p class="unrated" data-unrated title=${last.why_not}>
    <span>上一位 ${last.number} 未评价</span>
    ${last.again &&
    html`<button type="button" class="ask-again" data-verb="askAgain" onMouseDown=${keepFocus} onClick=${once(() => hall.does("askAgain"))}>再次邀请评价</button>`}
  </p>`;
}

// -- the line behind it -------------------------------------------------------------------------

function Behind({ hall, keyboard }) {
  const { waiting_total, waiting, line, held, last } = hall.desk;
  return html`<section class="behind" aria-label="等候">
    <h2>等候 <strong data-waiting-total>${waiting_total}</strong> 人${waiting.length > 4 && html`<small>共 ${waiting.length} 项业务，可滚动</small>`}</h2>
    <ul class="counts" data-counts tabindex=${waiting.length > 4 ? 0 : null} aria-label="各业务等候人数">
      ${waiting.map(
        (each) => html`<li key=${each.service}><span title=${each.name}>${each.name}</span>${each.helping && html`<em>协助</em>`}<span>${each.waiting} 人</span></li>`,
      )}
    </ul>
    ${held.length > 0 && html`<${Held} hall=${hall} keyboard=${keyboard} />`}
    <${Next} hall=${hall} keyboard=${keyboard} />
    <div class="line-room" hidden=${line.length === 0}><${Line} hall=${hall} line=${line} /></div>
    <p class="nobody" data-nobody hidden=${line.length > 0}>现在没有人在等候</p>
    <p class="last" data-last>${last ? `上一位 ${last.number}　${last.service_name}　${RATING_WORDS[last.rating]}` : ""}</p>
  </section>`;
}

/** Who would be called next, and why: only when somebody asks. */
function Next({ hall, keyboard }) {
  const names = keyboard.on ? keyboard.keys.why : [];
  const { next } = hall;
  return html`<div class="next-why">
    <button type="button" class="why-button" data-verb="why" onMouseDown=${keepFocus} onClick=${once(() => hall.does("why"))}>
      <span>下一位是谁，为什么</span><${Key} names=${names} />
    </button>
    <p data-why role="status">
      ${next && (next.number ? html`<strong>${next.number}</strong> ${next.service_name}<span>${next.why}</span>` : "现在没有人在等候")}
    </p>
  </div>`;
}

/** A list in which the arrow keys walk, and Tab leaves. */
function useRoving(length) {
  const list = useRef(null);
  const [at, setAt] = useState(0);
  const here = Math.min(at, Math.max(0, length - 1));
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -length, End: length };
  function onKeyDown(event) {
    if (!step[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    const to = Math.max(0, Math.min(length - 1, here + step[event.key]));
    setAt(to);
    list.current.querySelectorAll("[data-place]")[to].focus();
  }
  const tab = (index) => ({ tabIndex: index === here ? 0 : -1, onFocus: () => setAt(index), "data-place": true });
  return { list, tab, onKeyDown };
}

function Line({ hall, line }) {
  const { list, tab, onKeyDown } = useRoving(line.length);
  return html`<ol class="line" data-line ref=${list} onKeyDown=${onKeyDown}>
    ${line.map((each, index) => {
      const late = each.waited_minutes > hall.page.wait_target_minutes;
      const waited = `${late ? "超时 " : ""}${each.waited_minutes} 分钟`;
      return html`<li key=${each.ticket} class=${late ? "late" : ""}>
        <button
          type="button"
          ...${tab(index)}
          aria-label=${`指定呼叫 ${each.number}，${each.service_name}，${each.because ? `${each.because}，` : ""}等候 ${waited}`}
          onMouseDown=${keepFocus}
          onClick=${once(() => hall.callThis(each, "page"))}
        >
          <strong>${each.number}</strong>
          <span class="place-service"><span title=${each.service_name}>${each.service_name}</span>${each.because && html`<em>${each.because}</em>`}</span>
          <span class="waited">${waited}</span>
        </button>
      </li>`;
    })}
  </ol>`;
}

function Held({ hall, keyboard }) {
  useTick();
  const { held } = hall.desk;
  const { list, tab, onKeyDown } = useRoving(held.length);
  const names = keyboard.on ? keyboard.keys.held : [];
  return html`<div class="held">
    <h2>挂起 <strong>${held.length}</strong> 件<${Key} names=${names} /></h2>
    <ul data-held ref=${list} onKeyDown=${onKeyDown}>
      ${held.map((each, index) => {
        const lain = hall.now() - Date.parse(each.held_at);
        const over = hall.now() - Date.parse(each.until);
        const limit = Math.round((Date.parse(each.until) - Date.parse(each.held_at)) / MINUTE_MS);
        const told = over > 0 ? `超时 ${clock(over)}` : `${clock(lain)} / ${limit} 分`;
        return html`<li key=${each.visit} class=${over > 0 ? "late" : ""}>
          <button
            type="button"
            ...${tab(index)}
            title=${whyNot("resume", hall) || ""}
            aria-disabled=${String(Boolean(whyNot("resume", hall)))}
            aria-label=${`恢复办理 ${each.number}，${each.kind_name}${over > 0 ? "，已超时" : ""}`}
            onMouseDown=${keepFocus}
            onClick=${once(() => hall.resume(each.ticket))}
          >
            <strong>${each.number}</strong>
            <span class="place-service"><span title=${each.service_name}>${each.service_name}</span><em>${each.kind_name}</em></span>
            <span class="waited">${told}</span>
          </button>
        </li>`;
      })}
    </ul>
  </div>`;
}

// -- another page holds the window --------------------------------------------------------------

export function Taken({ hall, view }) {
  const { no, active, clerk } = hall.desk;
  const doing = active ? `${active.number} ${active.state === "called" ? "已呼叫" : "办理中"}` : "没有正在办理的号";
  return html`<main class="taken" data-taken>
    <p class="taken-sign" aria-hidden="true">⇄</p>
    <h2>${hall.takenBy ? "本窗口正在另一处使用" : "本窗口已在另一处接管"}</h2>
    ${!(view === "small" && hall.said) && html`<p class="taken-why">${hall.takenBy || `${no}号窗口现由另一处的页面操作${clerk ? `（${clerk.name}）` : ""}，这里不能再呼叫和办理。`}</p>`}
    ${view === "page" && html`<p class="taken-doing">那里现在：${doing}，等候 ${hall.desk.waiting_total} 人</p>`}
    <${Said} said=${hall.dialog ? null : hall.said} />
    <button type="button" class="button primary" data-take-over onClick=${() => hall.ask("takeOver", view)}>在这里接管</button>
  </main>`;
}
