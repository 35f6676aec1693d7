// The questions of the clerk's page. Each is answered by keyboard alone: digits choose, Enter does,
// Esc goes back; the focus stays inside and returns to where it was.
import { html, useEffect, useLayoutEffect, useRef, useState } from "/static/vendor/preact-htm.module.js";
import { isFunctionKey, keyWord, nameOf, usual, VERBS, verbOf } from "/static/window.keys.js";
import { Key, Said } from "/static/window.parts.js";

const FOCUSABLE = "button, input, select, textarea, [tabindex='0']";
const PLACES_SHOWN = 40;
const CALL_REASONS = ["群众行动不便", "约定时间办理", "补交材料", "叫错号后更正"];
const TRANSFER_REASONS = ["由对方办理", "取错业务", "还需他部门", "设备故障"];

export const typing = (element) => element.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");

/** The dialog that is open in this view, if any. */
export function CurrentDialog({ hall, keyboard, view }) {
  if (!hall.dialog || hall.dialog.view !== view) return null;
  const { active } = hall.desk;
  const gone = hall.dialog.visit && (!active || active.visit !== hall.dialog.visit);
  if (gone) return null; // the hall has told of the end before it has answered
  const Named = DIALOGS[hall.dialog.name];
  return html`<${Named} key=${hall.dialog.name} hall=${hall} keyboard=${keyboard} dialog=${hall.dialog} />`;
}

function Dialog({ hall, keyboard, name, title, act, danger, cannot = "", submit, digit, verb, onKey, wide, extra, children }) {
  const form = useRef(null);

  useLayoutEffect(() => {
    const { ownerDocument } = form.current;
    const before = ownerDocument.activeElement;
    const first = form.current.querySelector("[data-first]") || form.current.querySelector("[data-do]");
    first.focus();
    return () => {
      if (before && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);

  function send() {
    if (hall.busy) return;
    if (cannot) hall.tell(cannot);
    else submit();
  }

  hall.dialogKeys = (event) => {
    if (onKey && onKey(event)) return;
    const pressed = nameOf(event);
    const own = verb && keyboard.on && verbOf(keyboard.keys, pressed) === verb && isFunctionKey(pressed);
    if (pressed === "Escape") hall.answered();
    else if (pressed === "Tab" || pressed === "Shift+Tab") return walk(event, form.current);
    else if (own && !event.repeat) send();
    else if (/^[1-9]$/.test(pressed) && digit && !typing(event.target)) digit(Number(pressed));
    // what is a key of the page does nothing here, nor does what the browser makes of it (F3: find)
    else if (!isFunctionKey(pressed) || !verbOf(keyboard.keys, pressed)) return;
    event.preventDefault();
  };

  function onSubmit(event) {
    event.preventDefault();
    send();
  }

  return html`<div class="veil" onMouseDown=${(event) => event.target === event.currentTarget && event.preventDefault()}>
    <div class=${`dialog ${wide ? "wide" : ""}`} role="dialog" aria-modal="true" aria-labelledby="dialog-title" data-dialog=${name}>
     <form ref=${form} onSubmit=${onSubmit}>
      <h2 id="dialog-title">${title}</h2>
      <div class="dialog-body">${children}</div>
      <${Said} said=${hall.said} />
      <div class="dialog-acts">
        <button type="button" class="button quiet" data-back onClick=${() => hall.answered()}>返回<${Key} names=${["Esc"]} /></button>
        ${extra}
        ${act &&
        html`<button class=${`button ${danger ? "danger" : "primary"}`} data-do aria-disabled=${String(Boolean(hall.busy || cannot))}>
          ${hall.busy ? "正在处理…" : act}
        </button>`}
      </div>
     </form>
    </div>
  </div>`;
}

/** Keep Tab inside; hidden things and all but one of a group of radios are no stations. */
function walk(event, form) {
  const all = [...form.querySelectorAll(FOCUSABLE)].filter((each) => {
    if (each.disabled || each.tabIndex < 0 || !each.getClientRects().length) return false;
    if (each.type !== "radio") return true;
    const group = [...form.querySelectorAll(`input[type=radio][name="${each.name}"]`)];
    return each === (group.find((one) => one.checked) || group[0]);
  });
  const at = form.ownerDocument.activeElement;
  const here = all.findIndex((each) => each === at || (at.type === "radio" && each.type === "radio" && each.name === at.name));
  const to = event.shiftKey ? (here <= 0 ? all.length - 1 : here - 1) : here + 1 >= all.length ? 0 : here + 1;
  event.preventDefault();
  if (all.length) all[to].focus();
}

/** One of a few, by digit, arrow keys or mouse. */
function Choice({ name, legend, options, chosen, choose, digits = true, first = false }) {
  return html`<fieldset class="choice" data-choice=${name}>
    <legend>${legend}</legend>
    <div class="choice-row">
      ${options.map(
        ({ value, label, note }, index) => html`<label key=${value}>
          <input type="radio" name=${name} value=${value} checked=${chosen === value} onChange=${() => choose(value)} data-first=${first && (chosen === value || (!chosen && !index)) ? true : null} />
          <span>${digits && html`<kbd>${index + 1}</kbd>`}${label}${note && html`<small>${note}</small>`}</span>
        </label>`,
      )}
    </div>
  </fieldset>`;
}

const worded = (words) => words.map((word) => ({ value: word, label: word }));

/** A reason: one of a few by radio, or in the clerk's own words, which count more. */
function Reason({ legend, words, reason, set, most = 200, first, digits }) {
  const preset = words.includes(reason.preset) ? reason.preset : "";
  return html`<div class="reason">
    <${Choice} name="reason" legend=${legend} options=${worded(words)} chosen=${reason.own ? "" : preset} digits=${digits} first=${first}
      choose=${(value) => set({ preset: value, own: "" })} />
    <label class="case"><span>其他原因（最多 ${most} 字）</span>
      <input name="own_reason" maxlength=${most} autocomplete="off" placeholder="其他原因" value=${reason.own} onInput=${(event) => set({ ...reason, own: event.target.value })} /></label>
  </div>`;
}

const saidReason = ({ preset, own }) => own.trim() || preset;

// -- finish -------------------------------------------------------------------------------------

function Finish({ hall, keyboard }) {
  const { outcomes } = hall.page;
  const others = hall.desk.waiting.filter((each) => each.service !== hall.desk.active.service);
  const [outcome, setOutcome] = useState("completed");
  const [number, setNumber] = useState("");
  const [more, setMore] = useState(false);
  const [service, setService] = useState(others.length ? others[0].service : "");
  const body = { ...hall.meant, outcome, ...(number.trim() ? { case_number: number.trim() } : {}) };
  const submit = () => (more ? hall.act("finish", "next-service", { ...body, service }) : hall.act("finish", "finish", body));
  return html`<${Dialog} hall=${hall} keyboard=${keyboard} name="finish" verb="finish" submit=${submit}
    title=${`${hall.desk.active.number} 办得怎么样？`} act=${more ? "办结这项，接着办下一项" : "办结并请评价"}
    digit=${(at) => outcomes[at - 1] && setOutcome(outcomes[at - 1].value)}>
    <${Choice} name="outcome" legend="办理结果" first chosen=${outcome} choose=${setOutcome}
      options=${outcomes.map(({ value, name }) => ({ value, label: name }))} />
    <label class="case"><span>办件编号（选填）</span>
      <input name="case_number" placeholder="办件编号" maxlength="50" autocomplete="off" spellcheck=${false} value=${number} onInput=${(event) => setNumber(event.target.value)} /></label>
    ${others.length > 0 &&
    html`<div class="more">
      <label class="check"><input type="checkbox" name="more" checked=${more} onChange=${(event) => setMore(event.target.checked)} /><span>还要办另一项</span></label>
      ${more &&
      html`<label class="case"><span class="visually-hidden">接着办哪一项</span>
        <select name="service" value=${service} onChange=${(event) => setService(event.target.value)}>
          ${others.map((each) => html`<option key=${each.service} value=${each.service}>${each.name}</option>`)}
        </select></label>`}
    </div>`}
  <//>`;
}

// -- hold, pause, close -------------------------------------------------------------------------

function HoldIt({ hall, keyboard }) {
  const { holds } = hall.page;
  const [kind, setKind] = useState(holds[0].value);
  const submit = (chosen = kind) => hall.act("hold", "hold", { ...hall.meant, kind: chosen });
  return html`<${Dialog} hall=${hall} keyboard=${keyboard} name="hold" verb="hold" submit=${() => submit()} act="挂起"
    title=${`挂起 ${hall.desk.active.number}，为什么？`} digit=${(at) => holds[at - 1] && !hall.busy && submit(holds[at - 1].value)}>
    <${Choice} name="kind" legend="挂起后窗口可以呼叫下一位；各有时限" first chosen=${kind} choose=${setKind}
      options=${holds.map(({ value, name, minutes }) => ({ value, label: name, note: `${minutes} 分钟` }))} />
  <//>`;
}

function Pause({ hall, keyboard }) {
  const words = hall.page.pause_reasons;
  const [reason, setReason] = useState({ preset: words[0] || "", own: "" });
  const submit = (told = saidReason(reason)) => hall.act("pause", "pause", { reason: told });
  return html`<${Dialog} hall=${hall} keyboard=${keyboard} name="pause" verb="pause" submit=${() => submit()} act="暂停窗口"
    title="为什么暂停？窗口外会显示" digit=${(at) => words[at - 1] && !hall.busy && submit(words[at - 1])}>
    <${Reason} legend="暂停原因" words=${words} reason=${reason} set=${setReason} most=${40} first digits />
  <//>`;
}

function Close({ hall, keyboard }) {
  const { no, held } = hall.desk;
  return html`<${Dialog} hall=${hall} keyboard=${keyboard} name="close" act="关闭窗口" danger title=${`关闭${no}号窗口？`}
    submit=${() => hall.act("close", "close")}>
    <p>关闭后不再叫号，大屏显示“未登录”。${held.length ? `还有 ${held.length} 件挂起，下次开启后可以恢复。` : ""}</p>
  <//>`;
}

// -- call one before its turn -------------------------------------------------------------------

function CallThis({ hall, keyboard, dialog }) {
  const { ticket, number, service_name } = dialog.place;
  const first = hall.desk.line[0];
  const jumps = first && first.ticket !== ticket;
  const [reason, setReason] = useState({ preset: "", own: "" });
  const submit = () => hall.act("call", "call", { ticket, reason: saidReason(reason) });
  return html`<${Dialog} hall=${hall} keyboard=${keyboard} name="callThis" act=${`呼叫 ${number}`} cannot=${saidReason(reason) ? "" : "请选一个原因，或写明原因。"}
    submit=${submit} title=${`指定呼叫 ${number}`} digit=${(at) => CALL_REASONS[at - 1] && setReason({ preset: CALL_REASONS[at - 1], own: "" })}>
    <p>${service_name}。${jumps ? `会先于 ${first.number} 等前面的人，` : ""}原因会记录。</p>
    <${Reason} legend="为什么先叫" words=${CALL_REASONS} reason=${reason} set=${setReason} first digits />
  <//>`;
}

// -- transfer -----------------------------------------------------------------------------------

const inService = (text) => (each) => `${each.name}${each.department}${each.code}`.toLowerCase().includes(text);
const inWindow = (text) => (each) => `${each.no}号${each.name}${each.clerk || ""}`.toLowerCase().includes(text);

function Transfer({ hall, keyboard }) {
  const { active } = hall.desk;
  const [places, setPlaces] = useState(null);
  const [to, setTo] = useState("service");
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [reason, setReason] = useState({ preset: "", own: "" });
  const [wrong, setWrong] = useState(false);
  useEffect(() => {
    hall.read("places.json").then((told) => setPlaces(told || { services: [], windows: [] }));
  }, []);

  const wanted = text.trim().toLowerCase();
  const all = !places ? [] : to === "service" ? places.services.filter((each) => each.code !== active.service) : places.windows;
  const found = all.filter((to === "service" ? inService : inWindow)(wanted));
  const shown = found.slice(0, PLACES_SHOWN);
  const picked = shown[Math.min(at, shown.length - 1)];
  const told = saidReason(reason);
  const field = useRef(null);

  function submit() {
    const goes = to === "service" ? { service: picked.code } : { to_window: picked.no };
    hall.act("transfer", "transfer", { ...hall.meant, ...goes, reason: told, wrong_item: wrong });
  }

  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.target !== field.current || (!step && event.key !== "Enter")) return false;
    event.preventDefault();
    if (step) setAt(Math.max(0, Math.min(shown.length - 1, at + step)));
    else if (told && picked) submit();
    else field.current.form.querySelector("[data-choice=reason] input").focus();
    return true;
  }

  function look(where, words) {
    setTo(where);
    setText(words);
    setAt(0);
  }

  return html`<${Dialog} hall=${hall} keyboard=${keyboard} name="transfer" verb="transfer" wide submit=${submit} onKey=${onKey}
    cannot=${!picked ? "请选转到哪里。" : told ? "" : "请选一个转办原因，或写明原因。"} title=${`转办 ${active.number}`} act=${picked && told ? `转到${nameOfPlace(to, picked)}` : "转办"}
    digit=${(nth) => TRANSFER_REASONS[nth - 1] && setReason({ preset: TRANSFER_REASONS[nth - 1], own: "" })}>
    <div class="where">
      <${Choice} name="to" legend="转到哪里" chosen=${to} choose=${(where) => look(where, "")} digits=${false}
        options=${[{ value: "service", label: "业务" }, { value: "window", label: "窗口" }]} />
      <label class="case"><span>${to === "service" ? "找业务：名称、部门或代码" : "找窗口：号码、名称或人员"}</span>
        <input ref=${field} data-first name="place" role="combobox" aria-expanded="true" aria-controls="places" autocomplete="off" spellcheck=${false}
          aria-activedescendant=${picked ? `place-${shown.indexOf(picked)}` : null} value=${text} onInput=${(event) => look(to, event.target.value)} /></label>
      <${Places} places=${places} to=${to} shown=${shown} picked=${picked} more=${found.length - shown.length} pick=${setAt} />
    </div>
    <div class="for-what">
      <${Reason} legend="为什么转办" words=${TRANSFER_REASONS} reason=${reason} set=${setReason} digits />
      <label class="check"><input type="checkbox" name="wrong_item" checked=${wrong} onChange=${(event) => setWrong(event.target.checked)} />
        <span>取错业务<small>按原来的取号时间排到对应队列</small></span></label>
      <p class="first-receiver">首接责任保留在首次受理的窗口。</p>
    </div>
  <//>`;
}

const nameOfPlace = (to, place) => (to === "service" ? `“${place.name}”` : `${place.no}号窗口`);

function Places({ places, to, shown, picked, more, pick }) {
  const list = useRef(null);
  useLayoutEffect(() => {
    const here = list.current && list.current.querySelector("[aria-selected=true]");
    if (here) here.scrollIntoView({ block: "nearest" });
  }, [picked]);
  if (!places) return html`<p class="places-note" role="status">正在读取……</p>`;
  if (!shown.length) return html`<p class="places-note" role="status">没有找到，请换一个词。</p>`;
  return html`<ul id="places" class="places" role="listbox" aria-label=${to === "service" ? "业务" : "窗口"} ref=${list}>
      ${shown.map(
        (each, index) => html`<li key=${to === "service" ? each.code : each.no} id=${`place-${index}`} role="option" aria-selected=${String(each === picked)}
          onMouseDown=${(event) => event.preventDefault()} onClick=${() => pick(index)}>
          ${to === "service" ? html`<span>${each.name}<small>${each.department}</small></span>` : html`<span>${each.no} 号　${each.name}<small>${each.state === "paused" ? "暂停服务" : each.clerk || ""}</small></span>`}
          <span>${each.attended === false ? "暂无窗口" : `等候 ${each.waiting} 人`}</span>
        </li>`,
      )}
    </ul>
    ${more > 0 && html`<p class="places-note">还有 ${more} 个，请输入更多字。</p>`}`;
}

// -- keys ---------------------------------------------------------------------------------------

function Keys({ hall, keyboard }) {
  const [changing, setChanging] = useState(null);
  const [, repaint] = useState(0);

  function onKey(event) {
    if (!changing) return false;
    const pressed = nameOf(event);
    if (pressed === "Tab" || pressed === "Shift+Tab") return false;
    event.preventDefault();
    if (!pressed || event.repeat) return true;
    setChanging(null);
    const refused = pressed === "Escape" ? "" : keyboard.change(changing, pressed);
    hall.tell(refused || (pressed === "Escape" ? "" : `“${VERBS[changing].name}”改为 ${keyWord(pressed)}。`), refused ? "alarm" : "done");
    return true;
  }

  function keep(keys, on) {
    keyboard.keep(keys, on);
    repaint((nth) => nth + 1);
    hall.changed();
  }

  return html`<${Dialog} hall=${hall} keyboard=${keyboard} name="keys" wide title="快捷键" submit=${() => {}} onKey=${onKey}
    extra=${html`<button type="button" class="button" data-usual onClick=${() => keep(usual(), true)}>恢复原来的键</button>`}>
    <p>只在本机、本窗口有效。输入文字时，除功能键外不会触发。</p>
    <label class="check"><input type="checkbox" name="keys_on" data-first checked=${keyboard.on} onChange=${(event) => keep(keyboard.keys, event.target.checked)} /><span>使用快捷键</span></label>
    <ul class="keys">
      ${Object.entries(VERBS).map(
        ([verb, { name }]) => html`<li key=${verb}>
          <span>${name}</span>
          <button type="button" class="button" data-change=${verb} aria-label=${`${name}，现在是 ${keyboard.keys[verb].map(keyWord).join("、")}，更改`}
            aria-pressed=${String(changing === verb)} disabled=${!keyboard.on} onClick=${() => setChanging(changing === verb ? null : verb)}>
            ${changing === verb ? "请按新的键…" : html`<${Key} names=${keyboard.keys[verb]} />`}
          </button>
        </li>`,
      )}
    </ul>
  <//>`;
}

// -- take over ----------------------------------------------------------------------------------

function TakeOver({ hall, keyboard }) {
  const { no, active } = hall.desk;
  return html`<${Dialog} hall=${hall} keyboard=${keyboard} name="takeOver" act="确认接管" title=${`在这里接管${no}号窗口？`} submit=${() => hall.hold(true)}>
    <p>另一处会立即停止操作。${active ? `${active.number} 号的办理接着在这里进行。` : ""}</p>
  <//>`;
}

const DIALOGS = { finish: Finish, hold: HoldIt, pause: Pause, close: Close, callThis: CallThis, transfer: Transfer, keys: Keys, takeOver: TakeOver };
