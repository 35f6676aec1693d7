// The clerk's page. It shows what the hall tells, and asks the hall for each verb; it decides nothing.
// window.hall.js: what it knows and asks. window.verbs.js: what may be done now. window.keys.js: keys.
// window.views.js: the page. window.dialogs.js: its questions. window.small.js: the small window.
import { html, render } from "/static/vendor/preact-htm.module.js";
import { pageData } from "/static/live.js";
import { typing } from "/static/window.dialogs.js";
import { WindowDesk } from "/static/window.hall.js";
import { isFunctionKey, Keyboard, nameOf, verbOf } from "/static/window.keys.js";
import { fit, openSmall, Small } from "/static/window.small.js";
import { hearInput } from "/static/window.lock.js";
import { Page } from "/static/window.views.js";

const page = pageData();
const root = document.getElementById("window");
let beside = null; // the root of a picture-in-picture window while one is open
let painting = null;

const hall = new WindowDesk(page, repaint);
const keyboard = new Keyboard(hall.no, repaint);

function repaint() {
  // what changes several times in one go is painted once
  painting = painting || Promise.resolve().then(paint);
}

function paint() {
  painting = null;
  const { active, waiting_total } = hall.desk;
  const shown = { hall, keyboard };
  const open = () => openSmall(hall.no, show, listenIn);
  render(page.small ? html`<${Small} ...${shown} />` : html`<${Page} ...${shown} openSmall=${open} />`, root);
  if (beside) render(html`<${Small} ...${shown} />`, beside);
  const other = page.small ? window : beside && beside.ownerDocument.defaultView;
  if (other) fit(hall.dialog, other);
  document.title = `${active ? active.number : `等候 ${waiting_total} 人`} · ${hall.no}号窗口`;
}

function listenIn(there) {
  there.addEventListener("keydown", keysOf("small"));
  hearInput(there, hall.noteInput);
}

function show(place) {
  if (!place && hall.dialog && hall.dialog.view === "small") hall.dialog = null;
  beside = place;
  repaint();
}

// -- keys ---------------------------------------------------------------------------------------

const GO = {
  line: () => focusOn("[data-line] [tabindex='0']"),
  held: () => focusOn("[data-held] [tabindex='0']"),
};

function focusOn(what) {
  const found = document.querySelector(what);
  if (found) found.focus();
}

/** Whether a focused thing wants this key for itself. */
function belongsTo(element, name) {
  if (typing(element)) return !isFunctionKey(name);
  return (name === "Space" || name === "Enter") && Boolean(element.closest("button, a, input, select"));
}

function pressed(event, view) {
  if (event.isComposing || event.keyCode === 229) return; // a Chinese input method is at work
  if (hall.dialog) {
    if (hall.dialog.view === view) hall.dialogKeys(event);
    return;
  }
  const name = nameOf(event);
  if (name === "Escape") {
    event.target.ownerDocument.activeElement.blur();
    return;
  }
  const verb = keyboard.on && verbOf(keyboard.keys, name);
  if (!verb || belongsTo(event.target, name)) return;
  event.preventDefault();
  if (event.repeat) return; // a key that is held down is pressed once
  if (GO[verb] && view === "page" && hall.desk[verb].length) GO[verb]();
  else hall.does(verb, view);
}

const keysOf = (view) => (event) => pressed(event, view);
document.addEventListener("keydown", keysOf(page.small ? "small" : "page"));

root.textContent = "";
paint();
hall.begin();
