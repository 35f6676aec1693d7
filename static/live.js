// The live line to the hall: one Socket.IO line that says when it is gone.
// `role`, `window`, `zone`: as whom; `watch` is sent at every connect; what comes is the whole state.
// vendor/socket.io.min.js comes first, as a classic script.

// The server pings every 5 s and gives up after 5 s more: silence for 8 s is a missed ping.
const SILENCE_MS = 8000;
// A cut that mends itself at once alarms nobody.
const LOST_AFTER_MS = 4000;
const ASK_EVERY_MS = 30000;
// Chromium puts a WebSocket off by up to 5 s once some 16 have failed, and one that is given up counts
// as failed: while the hall is away, HTTP asks for it.
const PROBE_MS = 1000;
const PROBE_WAIT_MS = 2500;
// `rev` counts the whole hall's journal: a gap is seldom a loss.
const ASK_AGAIN_MS = 10000;
const REFUSED_RETRY_MS = 5000;

// Many pages ask at once: a random part spreads them.
const about = (ms) => ms * (0.5 + Math.random());
const shiftTo = (now) => Date.parse(`${now.slice(0, 19)}Z`) - Date.now();

// Shown these by the hall: the lock; where a screen is paired again.
const HALL_SHOWS = { locked: "window", not_signed_in: "kiosk display evaluator" };

export function connect({ role, window: windowNo, zone, watch = {}, on = {} }) {
  const socket = globalThis.io({
    auth: { role, window: windowNo, zone },
    transports: ["websocket"],
    reconnection: false,
    timeout: 5000,
  });

  let shift = shiftTo(document.documentElement.dataset.now); // from UTC here to the hall's wall clock
  const listeners = [];
  let state = { kind: "reconnecting", since: null };
  let cutAt = Date.now();
  let heardAt = Date.now();
  let rev = 0;
  let asking = null;

  function become(kind, message) {
    const since = kind === "live" ? null : cutAt;
    if (state.kind === kind && state.since === since && state.message === message) return;
    state = { kind, since, message };
    for (const listener of listeners) listener(state);
  }

  function ask() {
    if (!socket.connected) return;
    socket.emit("watch", watch, (answer) => {
      if (answer && answer.code) become("refused", answer.message);
    });
  }

  function askSoon() {
    if (asking) return;
    asking = setTimeout(() => {
      asking = null;
      ask();
    }, about(ASK_AGAIN_MS));
  }

  function cut() {
    if (state.kind === "live") cutAt = Date.now();
    if (state.kind !== "lost") become("reconnecting");
  }

  async function comeBack() {
    const giveUp = new AbortController();
    setTimeout(() => giveUp.abort(), PROBE_WAIT_MS);
    const alive = await fetch("/alive", { cache: "no-store", signal: giveUp.signal }).catch(cut);
    if (alive && alive.ok) socket.connect();
    else comeBackIn(PROBE_MS);
  }

  const comeBackIn = (ms) => setTimeout(comeBack, about(ms));

  const heard = () => (heardAt = Date.now());

  socket.io.on("open", () => socket.io.engine.on("packet", heard));
  socket.on("connect", () => {
    heard();
    rev = 0;
    become("live");
    ask();
  });
  socket.on("disconnect", () => {
    cut();
    comeBackIn(PROBE_MS);
  });
  socket.on("connect_error", (error) => {
    if (socket.active) cut();
    else if ((HALL_SHOWS[error.message] || "").includes(role)) location.reload();
    else become("refused", error.data?.message);
    comeBackIn(socket.active ? PROBE_MS : REFUSED_RETRY_MS);
  });

  for (const [name, show] of Object.entries(on)) {
    socket.on(name, (payload) => {
      heard();
      if (payload.now) shift = shiftTo(payload.now);
      become("live");
      const next = payload.rev;
      if (next) {
        if (next < rev) return; // overtaken on the way: what is shown is newer
        if (rev && next > rev + 1) askSoon();
        rev = next;
      }
      show(payload);
    });
  }

  // A pulled cable closes nothing: silence itself is the sign.
  setInterval(() => {
    const now = Date.now();
    if (socket.connected && now - heardAt > SILENCE_MS) {
      cutAt = heardAt;
      become("reconnecting");
      socket.io.engine.close();
    }
    if (state.kind === "reconnecting" && now - cutAt > LOST_AFTER_MS) become("lost");
  }, 500);
  setInterval(ask, ASK_EVERY_MS);

  return {
    state: () => state,
    timeOf: (ms) => new Date(ms + shift).toISOString().slice(11, 19),
    onState(listener) {
      listeners.push(listener);
      listener(state);
    },
  };
}

const WORDS = {
  live: "已连接",
  reconnecting: "正在重新连接",
  lost: "连接中断",
  refused: "未登录，请联系管理员",
};

/** Keep an element (class "connection") saying how the line is. */
export function showConnection(live, element) {
  element.setAttribute("role", "status");
  live.onState((state) => {
    element.dataset.state = state.kind;
    const since = state.kind === "lost" ? `（自 ${live.timeOf(state.since)}）` : "";
    element.textContent = (state.kind === "refused" && state.message) || WORDS[state.kind] + since;
  });
}

/** What the template put into its page_data block. */
export function pageData() {
  return JSON.parse(document.getElementById("page-data").textContent);
}
