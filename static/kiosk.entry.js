// Coming in otherwise than by choosing a service: checking in an appointment, coming back after a
// missed call. What is typed on the screen, on a keyboard, or by a scanner leads the same way.
import { el, windowRanges } from "/static/kiosk.views.js";

export const KEYS_MOST = { appointment: 18, return: 6 };
const ROWS = ["1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"];
const SCAN_GAP_MS = 1000; // a scanner takes milliseconds, but a busy kiosk hears them late
const SCANNED_LEAST = 8; // the length of a code: what is shorter was typed by hand

/**
 * Hear keys: heard(text) gets what a scanner typed up to its Enter and says whether it took it;
 * pressed(key) gets each key as it comes.
 */
export function onScan(heard, pressed) {
  let text = "";
  let lastAt = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.timeStamp - lastAt > SCAN_GAP_MS) text = "";
    lastAt = event.timeStamp;
    if (event.key === "Enter") {
      const scan = text;
      text = "";
      const taken = scan.length >= SCANNED_LEAST ? heard(scan) : pressed(event.key);
      if (taken) event.preventDefault(); // or it would press the button that has the focus
    } else {
      if (event.key.length === 1) text += event.key;
      pressed(event.key);
    }
  });
}

/** A key of a real keyboard as one on the screen; true for an Enter that was used. */
export function typedKey(key, press, done) {
  if (/^[0-9a-zA-Z]$/.test(key)) press(key.toUpperCase());
  else if (key === "Backspace") press("delete");
  else if (key === "Enter" && !document.activeElement.dataset.key) {
    done();
    return true;
  }
  return false;
}

/** A code as 2345 6789, an ID number as 110105 19491231 002X, a ticket's number as it is. */
const grouped = (value, way) =>
  way === "return"
    ? value
    : value.length <= 8
      ? value.replace(/^(.{4})(.)/, "$1 $2")
      : value.replace(/^(.{6})(.{0,8})(.{0,4})$/, (_, a, b, c) => [a, b, c].filter(Boolean).join(" "));

export class EntryViews {
  constructor(views) {
    this.views = views;
    this.say = views.say;
  }

  /** The doors on the home page; ways are those this hall has. */
  doors(ways, open) {
    const { say } = this;
    if (!ways.length) return null;
    const door = (way) =>
      el(
        "button.door",
        { type: "button", "data-door": way, onclick: () => open(way) },
        el("span.tile-name", {}, say(`door_${way}`)),
        el("span.tile-meta", {}, say(`door_${way}_hint`)),
      );
    return el("section.doors", {}, ...ways.map(door));
  }

  entry(entry, press, done) {
    const { say } = this;
    const { way, value, wrong, busy } = entry;
    const key = (name, label = name, kind = "button.key") =>
      el(kind, { type: "button", "data-key": name, onclick: () => press(name) }, label);
    const rows = ROWS.map((row) => el("div.key-row", {}, ...Array.from(row, (each) => key(each))));
    rows[3].append(key("delete", say("phone_delete"), "button.key.word"));
    const act = busy ? "entry_busy" : way === "return" ? "entry_come_back" : "entry_find";
    return el(
      "div.entry",
      {},
      el(
        "section.entry-card",
        {},
        el("h1", {}, say(`entry_${way}`)),
        el("p.quiet", {}, say(`entry_${way}_do`)),
        el(
          "p.entry-value",
          { id: "entry-value", role: "status", "aria-label": say("entry_value") },
          value ? grouped(value, way) : el("span", { "aria-hidden": "true" }, "—"),
        ),
        wrong && el("p.entry-wrong", { role: "alert", id: "entry-wrong" }, wrong),
      ),
      el("div.key-rows", {}, ...rows),
      el("button.button.primary.take", { type: "button", id: "enter", disabled: busy || !value, onclick: done }, say(act)),
    );
  }

  /** Appointments: one fills the screen like a choice to confirm, several are a list. */
  found(appointments, today, { checkIn, sentenceOf, home }) {
    const { say, views } = this;
    const card = (each) => this.appointment(each, today, each.refusal && sentenceOf(each.refusal));
    const button = (each) =>
      el("button.button.primary.take", { type: "button", onclick: () => checkIn(each) }, say("check_in"));
    if (appointments.length === 1) {
      const [only] = appointments;
      const leave = el("button.button.primary.take", { type: "button", onclick: home }, say("home"));
      return el("div.confirm.found-one", {}, card(only), only.refusal ? leave : button(only));
    }
    const cards = appointments.map((each) => {
      const shown = card(each);
      if (!each.refusal) shown.append(button(each));
      return shown;
    });
    return el(
      "div.found",
      {},
      el("div.heading", {}, el("h1", {}, say("found"))),
      ...views.pages(el("div.found-list", {}, ...cards)),
    );
  }

  appointment(each, today, why) {
    const { say, views } = this;
    const day = each.slot_at.slice(0, 10) === today ? "" : `${each.slot_at.slice(5, 10).replace("-", "/")} `;
    const times = `${each.slot_at.slice(11, 16)}–${each.slot_ends.slice(11, 16)}`;
    return el(
      "section.confirm-card",
      { "data-appointment": each.code },
      el("p.quiet", {}, say("found")),
      el("h1", {}, views.nameOf({ name: each.service_name, name_en: each.service_name_en })),
      el(
        "dl.facts",
        {},
        views.fact(say("found_slot"), day + times),
        each.holder && views.fact(say("found_holder"), each.holder),
      ),
      why && el("p.found-why", { role: "alert" }, why),
    );
  }

  returned(ticket, home) {
    const { say, views } = this;
    const list = windowRanges(ticket.windows || [], views.language() === "en" ? ", " : "、");
    const ahead = ticket.people_ahead ? say("returned_ahead", { n: ticket.people_ahead }) : say("returned_next");
    return views.message(
      "done",
      say("returned", { number: ticket.number }),
      ahead + (list ? say("returned_watch", { list }) : ""),
      el("button.button.primary", { type: "button", id: "done", onclick: home }, say("done")),
    );
  }
}
