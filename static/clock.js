// The hall's clock: a device's own may be wrong, and its zone another.

export class HallClock {
  constructor() {
    this.set(document.documentElement.dataset.now); // when the page was made
  }

  /** Set by the server's words: '2026-11-22T10:05:03+08:00'. */
  set(iso) {
    this.ahead = Date.parse(iso) - Date.now(); // ms
    this.shift = Date.parse(`${iso.slice(0, 19)}Z`) - Date.now(); // to its wall clock
  }

  /** The server's instant, in ms. */
  now() {
    return Date.now() + this.ahead;
  }

  /** What the hall's clock shows at an instant of this device. */
  local(ms = Date.now()) {
    return new Date(ms + this.shift).toISOString().slice(0, 19);
  }

  time() {
    return this.local().slice(11, 16);
  }

  date() {
    const day = new Date(this.local().slice(0, 10));
    return `${day.getUTCMonth() + 1}月${day.getUTCDate()}日 星期${"日一二三四五六"[day.getUTCDay()]}`;
  }
}
