// What the kiosk shows: functions from what is known to elements. No state, no network.

/** el("button.tile", {type: "button"}, "text", child): an element, never markup from data. */
export function el(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** Windows 1,2,3,7 as "1–3、7": a hall of 76 windows still fits on the slip. */
export function windowRanges(windows, separator) {
  const sorted = [...windows].sort((a, b) => a - b);
  const ranges = [];
  for (const no of sorted) {
    const last = ranges[ranges.length - 1];
    if (last && no === last[1] + 1) last[1] = no;
    else ranges.push([no, no]);
  }
  return ranges
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}${separator}${to}` : `${from}–${to}`))
    .join(separator);
}

/** A sentence a line: Chinese that breaks inside a sentence is harder to read from a step away. */
const sentences = (words) => words.match(/[^。]+。?/g) || [];

/** A list that scrolls is only as high as its whole rows: nothing is cut through its letters. */
function endBetweenRows(list) {
  const ends = [...list.children].map((tile) => tile.getBoundingClientRect().bottom - list.getBoundingClientRect().top);
  const whole = ends.filter((end) => end <= list.clientHeight);
  if (whole.length) list.style.maxHeight = `${Math.ceil(Math.max(...whole))}px`;
}

export class Views {
  /** say(key, blanks) speaks the language chosen now; nameOf(thing) its name in it. */
  constructor(say, nameOf, language) {
    this.say = say;
    this.nameOf = nameOf;
    this.language = language;
  }

  meta(service) {
    const { say } = this;
    if (!service.open) return service.closed_reason && this.language() === "zh" ? service.closed_reason : say("service_closed");
    if (!service.waiting) return say("no_waiting");
    const waiting = el("span.part", {}, say("waiting", { n: service.waiting }));
    const minutes = service.expected_wait_minutes;
    if (!minutes) return el("span.parts", {}, waiting);
    return el("span.parts", {}, waiting, el("span.part", {}, say("minutes_short", { n: minutes })));
  }

  serviceTile(service, onclick) {
    return el(
      service.open ? "button.tile.service" : "button.tile.service.shut",
      { type: "button", "data-service": service.code, disabled: !service.open, onclick },
      el("span.prefix", { "aria-hidden": "true" }, service.prefix),
      el("span.tile-words", {}, el("span.tile-name", {}, this.nameOf(service)), el("span.tile-meta", {}, this.meta(service))),
    );
  }

  departmentTile(department, onclick) {
    return el(
      "button.tile.department",
      { type: "button", "data-department": department.code, onclick },
      el("span.tile-name", {}, this.nameOf(department)),
    );
  }

  /** A list that scrolls under the finger, with two large buttons when it is longer than the screen. */
  pages(list) {
    const { say } = this;
    const page = (direction) => () => {
      list.scrollBy({ top: direction * (list.clientHeight - 64), behavior: "smooth" });
    };
    const up = el("button.button", { type: "button", onclick: page(-1) }, `▲ ${say("page_up")}`);
    const down = el("button.button", { type: "button", onclick: page(1) }, `▼ ${say("page_down")}`);
    const bar = el("div.pager", { hidden: true }, up, down);
    const update = () => {
      bar.hidden = list.scrollHeight <= list.clientHeight + 8;
      if (!bar.hidden && list.scrollTop < 8) endBetweenRows(list);
      up.disabled = list.scrollTop < 8;
      down.disabled = list.scrollTop + list.clientHeight > list.scrollHeight - 8;
    };
    list.classList.add("scrolls");
    list.addEventListener("scroll", update, { passive: true });
    // Twice: once laid out, and again because hiding the bar itself gives the list more room.
    requestAnimationFrame(() => requestAnimationFrame(update));
    return [list, bar];
  }

  home(menu, choose, enter, doors) {
    const { say } = this;
    const common = el("div.tiles.common-tiles", {}, ...menu.common.map((s) => this.serviceTile(s, () => choose(s))));
    if (menu.common.length > 10) common.classList.add("many");
    const departments = el(
      "div.tiles.department-tiles",
      {},
      ...menu.departments.map((d) => this.departmentTile(d, () => enter(d))),
    );
    const heading = (title, hint) => el("div.heading", {}, el("h1", {}, title), el("p", {}, hint));
    const greeting = (menu.greeting && menu.greeting[this.language()]) || say("common_hint");
    return el(
      "div.home",
      {},
      menu.common.length &&
        el("section.common", {}, heading(say("common"), greeting), ...this.pages(common)),
      menu.departments.length &&
        el(
          "section.departments",
          {},
          heading(say("departments"), say("departments_count", { n: menu.departments.length })),
          ...this.pages(departments),
        ),
      doors,
    );
  }

  department(department, choose) {
    const { say } = this;
    const heading = el("div.heading", {}, el("h1", {}, this.nameOf(department)), el("p", {}, say("services_of")));
    if (!department.services.length)
      return el("div.chooser", {}, heading, this.message("empty", say("no_services"), say("no_services_do")));
    const tiles = el("div.tiles.service-tiles", {}, ...department.services.map((s) => this.serviceTile(s, () => choose(s))));
    return el("div.chooser", {}, heading, ...this.pages(tiles));
  }

  fact(label, value) {
    return el("div.fact", {}, el("dt", {}, label), el("dd", {}, value));
  }

  waitText({ expected_wait_minutes: minutes, expected_wait_range: range }) {
    if (minutes === 0) return this.say("wait_soon");
    if (!minutes) return this.say("wait_unknown");
    return this.say("minutes", { n: range && range[0] ? `${range[0]}–${range[1]}` : minutes });
  }

  confirm(service, department, phone, { take, pad }) {
    const { say } = this;
    return el(
      phone.open ? "div.confirm.with-pad" : "div.confirm",
      {},
      el(
        "section.confirm-card",
        {},
        el("p.quiet", {}, say("confirm")),
        el("h1", {}, this.nameOf(service)),
        department && el("p.quiet", {}, this.nameOf(department)),
        el(
          "dl.facts",
          {},
          this.fact(say("ahead"), say("people", { n: service.waiting })),
          this.fact(say("wait"), this.waitText(service)),
        ),
      ),
      pad,
      el("button.button.primary.take", { type: "button", id: "take", onclick: take }, say("take")),
    );
  }

  /** The number pad: phone is {value, wrong}; press(key) with "0"–"9", "X" or "delete". */
  phonePad(phone, press) {
    const { say } = this;
    const [first, second] = phone.value.length > 11 ? [6, 14] : [3, 7];
    const parts = [phone.value.slice(0, first), phone.value.slice(first, second), phone.value.slice(second)];
    const digits = parts.filter(Boolean).join(" ");
    const key = (name, label, kind = "button.key") =>
      el(kind, { type: "button", "data-key": name, onclick: () => press(name) }, label);
    return el(
      phone.wrong ? "div.phone.wrong" : "div.phone",
      {},
      el("p.phone-label", { id: "phone-label" }, say("phone_label")),
      el("p.phone-digits", { role: "status", "aria-labelledby": "phone-label" }, digits || el("span", {}, "___ ____ ____")),
      el("p.phone-why", {}, say(phone.wrong ? "phone_wrong" : "phone_why")),
      el(
        "div.keys",
        {},
        ...["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => key(digit, digit)),
        key("X", "X"),
        key("0", "0"),
        key("delete", say("phone_delete"), "button.key.word"),
      ),
    );
  }

  taking(slow) {
    const { say } = this;
    return this.message("busy", say("taking"), say(slow ? "taking_slow" : "taking_wait"));
  }

  ticket(ticket, service, hall, { reprint, done }) {
    const { say } = this;
    const windows = windowRanges(ticket.windows || [], this.language() === "en" ? ", " : "、");
    const without = ticket.paper === "failed" || ticket.paper === "none";
    return el(
      without ? "div.taken.without-paper" : "div.taken",
      {},
      this.paperWord(ticket),
      el(
        "section.slip",
        { "aria-label": say("number_label") },
        el("p.slip-service", {}, service ? this.nameOf(service) : ticket.service_name),
        el("p.slip-label", {}, say("number_label")),
        el(ticket.number.length > 4 ? "h1.slip-number.long" : "h1.slip-number", { id: "number" }, ticket.number),
        el(
          "dl.facts",
          {},
          this.fact(say("ahead"), say("people", { n: ticket.people_ahead })),
          this.fact(say("wait"), this.waitText(ticket)),
          this.fact(say("windows"), windows ? say("windows_of", { list: windows }) : say("windows_unknown")),
        ),
        el("p.slip-time", {}, say("taken_at", { time: (ticket.taken_at || "").slice(11, 16) })),
        ticket.notice && el("p.slip-notice", {}, ticket.notice),
      ),
      el(
        "div.follow",
        {},
        el("img.qr", { src: `/kiosk/tickets/${ticket.id}/qr.svg`, alt: say("scan") }),
        el("p", {}, say("scan")),
        hall && hall.demo && this.demoSlip(ticket),
      ),
      el(
        "div.taken-acts",
        {},
        ticket.paper === "failed" && el("button.button", { type: "button", id: "reprint", onclick: reprint }, say("reprint")),
        el("button.button.primary", { type: "button", id: "done", onclick: done }, say("done")),
      ),
    );
  }

  /** A demonstration has no paper to hold in the hand: it shows the slip's picture instead. */
  demoSlip(ticket) {
    return el(
      "figure.demo-slip",
      {},
      el("img", { src: ticket.slip_url, alt: this.say("demo_slip") }),
      el("figcaption", {}, this.say("demo_slip")),
    );
  }

  paperWord(ticket) {
    const { say } = this;
    const why = this.language() === "zh" && ticket.paper_message;
    const kind = { printed: "serving", printing: "waiting", failed: "called", none: "called" }[ticket.paper];
    const detail = { failed: why || say("paper_failed_do"), none: say("paper_none_do") }[ticket.paper];
    return el(
      `div.paper-word.${kind}`,
      { role: "status", id: "paper", "data-paper": ticket.paper },
      el("h2", {}, say(`paper_${ticket.paper}`)),
      detail && el("p", {}, detail),
    );
  }

  /** A whole-screen state: busy, closed, offline, refused, empty – sign, sentence, and what to do now. */
  message(kind, title, detail, ...acts) {
    return el(
      `div.message.${kind}`,
      { role: kind === "busy" ? "status" : "alert" },
      el("span.sign", { "aria-hidden": "true" }),
      el("h1", {}, title),
      ...sentences(detail).map((sentence) => el("p", {}, sentence)),
      acts.length && el("div.message-acts", {}, ...acts),
    );
  }
}
