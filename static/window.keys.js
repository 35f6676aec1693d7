// Which key does what. A clerk may change each, or switch all off; this browser remembers it for the window.

export const VERBS = {
  call: { name: "呼叫下一位", keys: ["F2", "Space"] },
  start: { name: "开始办理", keys: ["F8", "Enter"] },
  recall: { name: "重呼", keys: ["F3"] },
  miss: { name: "过号", keys: ["F4"] },
  transfer: { name: "转办", keys: ["F6"] },
  hold: { name: "挂起", keys: ["F7"] },
  finish: { name: "办结并请评价", keys: ["F9"] },
  pause: { name: "暂停、恢复", keys: ["F10"] },
  undo: { name: "撤销", keys: ["Ctrl+Z"] },
  line: { name: "到等候列表", keys: ["L"] },
  held: { name: "到挂起列表", keys: ["H"] },
  why: { name: "下一位是谁", keys: ["W"] },
  lock: { name: "锁定窗口", keys: ["Ctrl+K"] },
};

const WORDS = { Space: "空格", Enter: "回车", Delete: "Del", PageUp: "PgUp", PageDown: "PgDn" };
const NAMED = ["Space", "Enter", "Insert", "Delete", "Home", "End", "PageUp", "PageDown"];
const OF_THE_BROWSER = { F5: "刷新", F11: "全屏", F12: "开发工具" };
// What a browser does with Ctrl and these letters cannot be had, or would be missed.
const CTRL_FREE = "BEGIKMQYZ";

export const isFunctionKey = (name) => /^F\d+$/.test(name);
export const keyWord = (name) => WORDS[name] || name;

/** The name of a pressed key: "F2", "Space", "L", "Ctrl+Z"; "" for a modifier alone. */
export function nameOf(event) {
  if (["Control", "Shift", "Alt", "Meta", "Process", "Unidentified"].includes(event.key)) return "";
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const shifted = event.shiftKey && event.key.length > 1 ? "Shift+" : "";
  return `${event.ctrlKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${event.metaKey ? "Meta+" : ""}${shifted}${key}`;
}

const mayBe = (name) =>
  /^F([1-9]|10)$/.test(name) ||
  /^[A-Z]$/.test(name) ||
  NAMED.includes(name) ||
  (/^Ctrl\+[A-Z]$/.test(name) && CTRL_FREE.includes(name.slice(-1)));

export const usual = () => Object.fromEntries(Object.entries(VERBS).map(([verb, { keys }]) => [verb, keys]));

export const verbOf = (keys, name) => Object.keys(keys).find((verb) => keys[verb].includes(name));

/** Why a key cannot be had for a verb, as a sentence; "" when it can. */
export function refusal(keys, verb, name) {
  if (OF_THE_BROWSER[name]) return `${name} 是浏览器的“${OF_THE_BROWSER[name]}”键，请换一个键。`;
  if (/^\d$/.test(name)) return "数字键用来选对话框里的选项，请换一个键。";
  if (!mayBe(name)) return `${keyWord(name)} 不能用作快捷键，请按功能键、字母或空格。`;
  const other = verbOf(keys, name);
  return other && other !== verb ? `${keyWord(name)} 已用于“${VERBS[other].name}”，请换一个键。` : "";
}

/** The keys of a window as this browser remembers them: { on, keys }. */
export class Keyboard {
  constructor(no, changed) {
    this.place = `window-keys-${no}`;
    this.on = true;
    this.keys = usual();
    this.read();
    // the page and its small window are two: what is changed in one holds in the other
    window.addEventListener("storage", (event) => {
      if (event.key !== this.place) return;
      this.read();
      changed();
    });
  }

  read() {
    const kept = remembered(this.place);
    this.on = kept.on !== false;
    this.keys = usual();
    for (const verb of Object.keys(VERBS)) {
      const chosen = (kept.keys || {})[verb];
      if (Array.isArray(chosen) && chosen.every((name) => typeof name === "string")) this.keys[verb] = chosen;
    }
  }

  change(verb, name) {
    const refused = refusal(this.keys, verb, name);
    if (!refused) this.keep({ ...this.keys, [verb]: [name] }, this.on);
    return refused;
  }

  keep(keys, on) {
    this.keys = keys;
    this.on = on;
    try {
      localStorage.setItem(this.place, JSON.stringify({ on, keys }));
    } catch {
      // a private window keeps nothing: the keys hold until it is closed
    }
  }
}

function remembered(place) {
  try {
    return JSON.parse(localStorage.getItem(place)) || {};
  } catch {
    return {};
  }
}
