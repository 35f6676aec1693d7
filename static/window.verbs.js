// What a clerk may do now, and if not, why not; pure. The hall decides, this only spares it a question.

export const TICKET_WORDS = { called: "已呼叫", serving: "办理中" };
export const WINDOW_WORDS = { open: "正在办理", paused: "暂停服务", closed: "未开启" };
export const IDLE_WORDS = { open: "空闲", paused: "已暂停", closed: "未开启" };
export const RATING_WORDS = {
  rated: "已评价",
  asked: "正在邀请评价",
  timed_out: "未评价（超时）",
  elsewhere: "在省平台评价",
  never_asked: "未邀请评价",
};
export const UNDO_WORDS = { call: "呼叫", miss: "过号", transfer: "转办", hold: "挂起" };

const NOT_CALLED = "还没有呼叫";
const STARTED = "已经开始办理";

const why = {
  call({ desk }) {
    if (desk.state === "paused") return "窗口已暂停，请先恢复办理";
    if (desk.state === "closed") return "窗口未开启";
    // With nobody in line the hall is asked all the same: somebody may have come just now.
    return desk.active ? `请先办完 ${desk.active.number} 号` : null;
  },
  start({ desk }) {
    if (!desk.active) return NOT_CALLED;
    return desk.active.state === "called" ? null : STARTED;
  },
  recall({ desk }) {
    if (!desk.active) return NOT_CALLED;
    if (desk.active.state !== "called") return `${STARTED}，无需重呼`;
    return desk.active.recalls_left ? null : `已重呼 ${desk.active.recalls} 次，无人应答请过号`;
  },
  miss({ desk }) {
    if (!desk.active) return NOT_CALLED;
    return desk.active.state === "called" ? null : `${STARTED}，不能过号`;
  },
  transfer: ({ desk }) => (desk.active ? null : NOT_CALLED),
  hold({ desk }) {
    if (!desk.active) return NOT_CALLED;
    return desk.active.state === "serving" ? null : "请先开始办理，再挂起";
  },
  finish({ desk }) {
    if (!desk.active) return NOT_CALLED;
    return desk.active.state === "serving" ? null : "请先开始办理";
  },
  pause: ({ desk }) => (desk.state === "closed" ? "窗口未开启" : null),
  open: ({ desk }) => (desk.state === "open" ? "窗口已经开启" : null),
  close({ desk }) {
    if (desk.state === "closed") return "窗口未开启";
    return desk.active ? `请先办完 ${desk.active.number} 号` : null;
  },
  resume: ({ desk }) => why.call({ desk }),
  callThis: ({ desk }) => why.call({ desk }),
  undo: ({ desk, undoLeft }) => (desk.undo_until && undoLeft > 0 ? null : "没有可撤销的操作"),
  held: ({ desk }) => (desk.held.length ? null : "没有挂起的号"),
  line: ({ desk }) => (desk.line.length ? null : "现在没有人在等候"),
  why: () => null,
  askAgain: ({ desk }) => (desk.last_unrated && desk.last_unrated.again ? null : "现在不能再次邀请评价"),
};

/** Null, or why a verb cannot be done now. */
export function whyNot(verb, state) {
  if (state.holding === "taken") return "本窗口已在另一处接管";
  if (state.busy) return "正在处理，请稍候";
  return why[verb](state);
}

/** The verb of the one large button. */
export function mainVerb({ active, state }) {
  if (active) return active.state === "called" ? "start" : "finish";
  return state === "open" ? "call" : "open";
}

export const MAIN_WORDS = { call: "呼叫下一位", start: "开始办理", finish: "办结并请评价" };
export const OPEN_WORDS = { paused: "恢复办理", closed: "开启窗口" };

const two = (number) => String(number).padStart(2, "0");

/** 754000 → "12:34"; more than an hour "1:12:34". */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours ? `${hours}:` : ""}${two(minutes)}:${two(seconds % 60)}`;
}
