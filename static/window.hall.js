// What the page knows of its window, and how it asks the hall. Every act is answered with the whole
// window; an answer that got lost is asked for again, because acts say which visit they mean.
import { connect } from "/static/live.js";
import { hearInput, lockWhenIdle, lockWindow } from "/static/window.lock.js";
import { whyNot } from "/static/window.verbs.js";

const PATIENCE_MS = 10000; // a hall that is silent for so long has not answered
const AGAIN_MS = [500, 1000, 2000, 4000]; // between the askings for an answer that got lost
const TOLD_MS = 10000; // a refusal is read by then, and no longer true
const LOST = "网络中断，不知道这一步是否完成。恢复后请先看当前号码，再继续。";
const UNDOABLE = ["call", "miss", "transfer", "hold"];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class WindowDesk {
  constructor(page, changed) {
    this.page = page;
    this.no = page.desk.no;
    this.changed = changed;
    this.session = sessionOf(this.no);
    this.desk = page.desk; // what the hall has told last
    this.ahead = 0; // the hall's clock against this device's steady one
    this.holding = "nobody's"; // or "mine", "taken": whether this page may act
    this.takenBy = "";
    this.busy = null; // the verb that has not been answered
    this.queued = null; // what a quick hand asked for meanwhile
    this.said = null; // { text, kind }: the hall's answer, where the clerk looks
    this.dialog = null; // { name, view, … } while a question is open
    this.last = null; // the last step of this page: { verb, number, until }
    this.next = null; // who is next and why, once asked
    this.line = { kind: "connecting", since: null };
    this.locking = false; // what is shown goes before the hall has answered
    this.noteInput = () => {};
    this.hear(page.desk);
  }

  begin() {
    const watch = { window: this.no };
    const on = { window: (state) => this.hear(state) };
    this.live = connect({ role: "window", window: this.no, watch, on });
    this.live.onState((line) => {
      if (line.kind === "live") this.desk = { ...this.desk, rev: 0 }; // a hall restored from a backup counts from less
      this.line = line.kind === "reconnecting" && this.line.kind === "connecting" ? this.line : line;
      this.changed();
    });
    if (this.page.me) {
      this.noteInput = lockWhenIdle(this.no, this.page.lock_minutes, () => this.lock());
      hearInput(window, this.noteInput);
    }
    this.begun = true;
    if (this.desk.state !== "closed") this.hold();
  }

  now() {
    return performance.now() + this.ahead;
  }

  get undoLeft() {
    return this.desk.undo_until ? Date.parse(this.desk.undo_until) - this.now() : 0;
  }

  // -- what the hall tells ----------------------------------------------------------------------

  hear(desk) {
    if (desk.rev < this.desk.rev) return;
    const before = this.desk.active;
    this.desk = desk;
    this.ahead = Date.parse(desk.now) - performance.now();
    if (desk.session && desk.session !== this.session) this.lose("");
    else this.holding = desk.session ? "mine" : "nobody's";
    // A closed window is held by nobody; one that somebody opened is held by the first page there.
    if (this.begun && !desk.session && desk.state !== "closed") this.hold();
    if (this.next && this.next.rev !== desk.rev) this.next = null; // it was true of that moment
    const stale = this.dialog && this.dialog.visit && (!desk.active || desk.active.visit !== this.dialog.visit);
    if (stale && !this.busy) {
      this.dialog = null;
      this.tell(`${before ? before.number : "这个"} 号已有变化，请看当前号码。`);
    }
    this.changed();
  }

  lose(sentence) {
    if (this.holding !== "taken") {
      this.dialog = null;
      this.takenBy = "";
    }
    this.holding = "taken";
    this.takenBy = sentence || this.takenBy;
  }

  tell(text, kind = "alarm") {
    clearTimeout(this.forget);
    this.said = text ? { text, kind } : null;
    if (text) this.forget = setTimeout(() => this.tell(""), TOLD_MS);
    this.changed();
  }

  // -- asking the hall --------------------------------------------------------------------------

  /** Hold the window with this page; `takeOver` once the clerk has confirmed it. */
  async hold(takeOver = false) {
    if (this.asking) return false;
    this.asking = true;
    const answer = await this.send("session", { session: this.session, take_over: takeOver });
    this.asking = false;
    if (answer.desk) {
      this.dialog = null;
      this.hear(answer.desk);
    } else if (answer.code === "window_taken") this.lose(answer.message);
    else if (takeOver || answer.message) this.tell(answer.message || LOST);
    this.changed();
    return Boolean(answer.desk);
  }

  /** Do a verb; true when it is done. Nothing else is asked until the answer is there. */
  async act(verb, path, body = {}) {
    const number = this.desk.active && this.desk.active.number;
    this.busy = verb;
    this.tell("");
    const answer = await this.send(path, body, () => this.tell("网络中断，正在核对这一步是否完成……"));
    // The call whose answer got lost: it was done, and the window shows whom it called.
    if (verb === "call" && answer.again && answer.code === "window_busy") answer.desk = await this.read("state.json");
    this.busy = null;
    if (answer.desk) {
      this.tell("");
      this.dialog = null;
      this.hear(answer.desk);
      this.remember(verb, number);
    } else this.refused(answer);
    const queued = this.queued;
    this.queued = null;
    this.changed();
    if (answer.desk && queued) queued();
    return Boolean(answer.desk);
  }

  remember(verb, number) {
    const told = number || (this.desk.active && this.desk.active.number);
    this.last = UNDOABLE.includes(verb) ? { verb, number: told, until: this.desk.undo_until } : null;
  }

  refused({ message }) {
    this.tell(message || LOST);
    this.look();
  }

  /** Send an act until the hall has answered: { desk }, or { code, message }, or {} for nothing. */
  async send(path, body, waiting = () => {}) {
    for (const pause of [0, ...AGAIN_MS]) {
      if (pause) {
        waiting();
        await sleep(pause);
      }
      const answer = await this.post(path, body).catch(() => null);
      if (answer) return { ...answer, again: pause > 0 };
    }
    return {};
  }

  async post(path, body) {
    const answer = await this.fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Window-Session": this.session },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (said.code === "locked") this.showLock();
    return answer.ok ? { desk: said } : said;
  }

  async look() {
    const seen = await this.read("state.json");
    if (seen) this.hear(seen);
  }

  /** Read something of the window; null when it cannot be had, and the clerk is told. */
  async read(path) {
    const answer = await this.fetch(path, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer && answer.ok) return answer.json();
    if (!answer) return null;
    const { code, message } = await answer.json();
    if (code === "locked") this.showLock();
    this.tell(message);
    return null;
  }

  async fetch(path, options) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      return await fetch(`/window/${this.no}/${path}`, { ...options, signal: patience.signal });
    } finally {
      clearTimeout(timer);
    }
  }

  // -- the verbs --------------------------------------------------------------------------------

  /** Lock the window: nothing of it is shown from now on, until the PIN was given. */
  lock() {
    if (!this.page.me || this.locking) return;
    this.locking = true;
    this.dialog = null;
    this.changed();
    lockWindow(this.no, this.session);
  }

  /** Another page of this browser has locked the window: the hall shows the lock in place of it. */
  showLock() {
    this.locking = true;
    this.changed();
    location.reload();
  }

  /** Do what a key or a button asks for, in the view ("page" or "small") where it was asked. */
  does(verb, view = "page") {
    if (verb === "lock") {
      if (this.page.me) this.lock();
      else this.tell("用工号登录后才能锁定窗口。");
      return;
    }
    if (this.holding === "taken") {
      this.tell("要在这里办理，请先点“在这里接管”。");
      return;
    }
    if (this.busy) {
      // a quick hand's next step; the same one again is a double press
      if (verb !== this.busy) this.queued = () => this.does(verb, view);
      return;
    }
    // one key for the one large button: what is closed or paused opens first
    const meant = verb === "call" && this.desk.state !== "open" ? "open" : verb;
    const reason = whyNot(meant, this);
    if (reason) this.tell(reason);
    else this[`do_${meant}`](view);
  }

  get meant() {
    const { visit, ticket } = this.desk.active;
    return { visit, ticket };
  }

  do_call = () => this.act("call", "call");
  do_start = () => this.act("start", "start", this.meant);
  do_recall = () => this.act("recall", "recall", { ...this.meant, recalls: this.desk.active.recalls });
  do_miss = () => this.act("miss", "miss", this.meant);
  do_undo = () => this.act("undo", "undo", { until: this.desk.undo_until });
  do_askAgain = () => this.act("askAgain", "ask-again", { visit: this.desk.last_unrated.visit });
  do_transfer = (view) => this.ask("transfer", view, { visit: this.desk.active.visit });
  do_hold = (view) => this.ask("hold", view, { visit: this.desk.active.visit });
  do_finish = (view) => this.ask("finish", view, { visit: this.desk.active.visit });
  do_close = (view) => this.ask("close", view);
  do_pause = (view) => (this.desk.state === "paused" ? this.open() : this.ask("pause", view));
  do_line = () => this.tell("请在窗口页面上看等候列表。");
  do_held = () => this.tell("请在窗口页面上看挂起列表。");
  do_open = () => this.open(this.clerk);

  async do_why() {
    const told = await this.read("next.json");
    if (!told) return;
    this.next = { ...(told.next || {}), rev: this.desk.rev };
    this.changed();
  }

  open(clerk = "") {
    return this.act("open", "open", clerk && this.desk.state === "closed" ? { clerk } : {});
  }

  resume(ticket) {
    const reason = whyNot("resume", this);
    return reason ? this.tell(reason) : this.act("resume", "resume", { ticket });
  }

  callThis(place, view) {
    const reason = whyNot("callThis", this);
    return reason ? this.tell(reason) : this.ask("callThis", view, { place });
  }

  ask(name, view, more = {}) {
    this.said = null;
    this.dialog = { name, view, ...more };
    this.changed();
  }

  answered() {
    this.dialog = null;
    this.changed();
  }
}

/** The name of this tab's page: a reload and the small window it opens are the same page. */
function sessionOf(no) {
  const place = `window-session-${no}`;
  const fresh = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const kept = sessionStorage.getItem(place) || fresh;
    sessionStorage.setItem(place, kept);
    return kept;
  } catch {
    return fresh;
  }
}
