// The hall's clock. A screen's own clock may be wrong and its zone another; the server's is the hall's.

const WEEKDAYS = ["日", "一", "二", "三", "四", "五", "六"];
const two = (n) => String(n).padStart(2, "0");

export class HallClock {
  constructor() {
    this.ahead = 0; // ms the server is ahead of this device
    this.zone = -new Date().getTimezoneOffset(); // minutes east of UTC, until the server has spoken
  }

  /** Set by the server's words: '2026-11-22T10:05:03+08:00'. */
  set(iso) {
    const instant = Date.parse(iso);
    if (Number.isNaN(instant)) return;
    this.ahead = instant - Date.now();
    const offset = /([+-])(\d\d):?(\d\d)$/.exec(iso);
    if (offset) this.zone = (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3]));
    else if (iso.endsWith("Z")) this.zone = 0;
  }

  /** The server's instant, in ms. */
  now() {
    return Date.now() + this.ahead;
  }

  local() {
    return new Date(this.now() + this.zone * 60000); // read with getUTC…
  }

  time() {
    const at = this.local();
    return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  }

  date() {
    const at = this.local();
    return `${at.getUTCMonth() + 1}月${at.getUTCDate()}日 星期${WEEKDAYS[at.getUTCDay()]}`;
  }
}
