// The small window beside the approval system, about 420 × 120: number, state, how many wait, four verbs.
import { html, render } from "/static/vendor/preact-htm.module.js";
import { CurrentDialog } from "/static/window.dialogs.js";
import { Connection, MainAct, Said, StateBadge, Timer, Undo, Verb } from "/static/window.parts.js";
import { Locking, Taken } from "/static/window.views.js";
import { IDLE_WORDS } from "/static/window.verbs.js";

const SIZE = { width: 420, height: 120 };

export function Small({ hall, keyboard }) {
  if (hall.locking) return html`<${Locking} no=${hall.no} />`;
  const { active, state, waiting_total, pause_reason } = hall.desk;
  const verb = { hall, keyboard, view: "small" };
  if (hall.holding === "taken") {
    return html`<${Taken} hall=${hall} view="small" /><${CurrentDialog} hall=${hall} keyboard=${keyboard} view="small" />`;
  }
  const cut = ["lost", "refused"].includes(hall.line.kind);
  const told = hall.said && !hall.dialog;
  return html`<main class="strip" data-strip data-busy=${hall.busy}>
      <section class="strip-now" data-current data-state=${active ? active.state : state} aria-label="当前号码">
        <p class="strip-number" data-number aria-live="assertive">${active ? active.number : IDLE_WORDS[state]}</p>
        <div class="strip-state">
          ${told || cut
            ? html`<${Said} said=${told ? hall.said : { kind: "alarm", text: "连接中断，号码可能不是最新" }} />`
            : html`<p><${StateBadge} hall=${hall} /><${Timer} hall=${hall} /></p>
                <p class="strip-service" title=${active ? active.service_name : ""}>${active ? active.service_name : pause_reason}</p>`}
        </div>
        <${Undo} ...${verb} />
        <p class="strip-waiting">等候 <strong data-waiting-total>${waiting_total}</strong></p>
      </section>
      <div class="strip-verbs">
        <${MainAct} ...${verb} short />
        <${Verb} ...${verb} verb="recall" label="重呼" />
        <${Verb} ...${verb} verb="miss" label="过号" />
        <${Verb} ...${verb} verb="finish" label="办结" kind=${active && active.state === "serving" ? "next" : ""} />
      </div>
      <div class="visually-hidden"><${Connection} hall=${hall} /></div>
    </main>
    <${CurrentDialog} hall=${hall} keyboard=${keyboard} view="small" />`;
}

/** Open the small window: kept on top by the browser where it can (https), a plain popup otherwise. */
export async function openSmall(no, paint, listen) {
  const onTop = window.documentPictureInPicture;
  if (onTop) {
    try {
      if (!onTop.window) furnish(await onTop.requestWindow(SIZE), no, paint, listen);
      return;
    } catch {
      // not allowed here (a policy, a screen of its own kind): the popup does as well
    }
  }
  window.open(`/window/${no}?small=1`, `window-${no}-small`, `popup,width=${SIZE.width},height=${SIZE.height}`);
}

/** Give a picture-in-picture window the page's styles, and show there what this page knows. */
function furnish(pip, no, paint, listen) {
  const { document: there } = pip;
  there.documentElement.lang = document.documentElement.lang;
  there.title = `${no}号窗口`;
  there.body.className = `${document.body.className} small`;
  for (const link of document.querySelectorAll("link[rel=stylesheet]")) {
    const copy = there.createElement("link");
    copy.rel = "stylesheet";
    copy.href = link.href;
    there.head.append(copy);
  }
  const mark = document.querySelector(".demo-mark");
  if (mark) there.body.append(there.importNode(mark, true));
  const root = there.createElement("div");
  root.className = "window-page";
  there.body.append(root);
  listen(there);
  pip.addEventListener("pagehide", () => {
    render(null, root);
    paint(null);
  });
  paint(root);
}

// A dialog that needs more room than the strip has: the window grows for it, and shrinks back.
const TALL = { transfer: 480 };
let grown = false;

export function fit(dialog, where = window) {
  const height = dialog && dialog.view === "small" ? TALL[dialog.name] : 0;
  if (Boolean(height) === grown) return;
  grown = Boolean(height);
  try {
    where.resizeTo(where.outerWidth, (height || SIZE.height) + where.outerHeight - where.innerHeight);
  } catch {
    // a browser that does not let pages resize: the dialog scrolls
  }
}
