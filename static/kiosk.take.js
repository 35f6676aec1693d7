// One tap, one ticket. The tap (a UUID) is made with the confirmation, kept in sessionStorage from the
// press of 取号 until the ticket has been shown and left, and sent with every retry: the desk answers a
// tap it knows with the ticket it gave. So a double tap, a reload and a retry give one ticket.

const KEPT = "kiosk.tap";
const ANSWER_MS = 6000; // the kiosk's own route waits 2 s for paper at most
const GIVE_UP_MS = 30000; // longer than a restart of the server; then a person is sent to the help desk
const SLOW_MS = 3000;
const RETRY_MS = [300, 700, 1500, 2500];

/** A version-4 UUID without crypto.randomUUID, which plain http does not have. */
export function newTap() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function keep(request) {
  sessionStorage.setItem(KEPT, JSON.stringify({ at: Date.now(), request }));
}

export function forget() {
  sessionStorage.removeItem(KEPT);
}

/** The request a reload interrupted, or null; one that is older than the kiosk's patience is dropped. */
export function kept(withinMs) {
  try {
    const { at, request } = JSON.parse(sessionStorage.getItem(KEPT)) || {};
    return request && Date.now() - at < withinMs ? request : null;
  } catch (broken) {
    return null;
  }
}

/** fetch that gives up: {status, body}; throws when there was no answer in time. */
export async function ask(url, { method = "GET", body, withinMs = 3000 } = {}) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), withinMs);
  try {
    const answer = await fetch(url, {
      method,
      signal: controller.signal,
      cache: "no-store",
      redirect: "error", // to the sign-in page: there is none on a kiosk
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
    const isJson = (answer.headers.get("Content-Type") || "").includes("json");
    return { status: answer.status, body: isJson ? await answer.json() : null };
  } finally {
    clearTimeout(timer);
  }
}

const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

/**
 * Send a kept request until the hall answers, or nobody waits for it any more.
 * Resolves to {ticket}, {refusal: {code, message}} or {lost: true}; onSlow is called if it takes long.
 */
export async function take(request, onSlow, left) {
  const startedAt = Date.now();
  const slow = setTimeout(onSlow, SLOW_MS);
  let unsaved = null; // the hall's own word that its disk did not take the ticket
  try {
    for (let attempt = 0; !left() && Date.now() - startedAt < GIVE_UP_MS; attempt += 1) {
      try {
        const { status, body } = await ask("/kiosk/tickets", {
          method: "POST",
          body: request,
          withinMs: ANSWER_MS,
        });
        if (status === 200 || status === 201) return { ticket: body };
        if (status >= 400 && status < 500) return { refusal: body || { code: "refused", message: "" } };
        unsaved = status === 503 && body ? body : null;
      } catch (noAnswer) {
        // No answer says nothing about the ticket: ask again with the same tap.
        unsaved = null;
      }
      onSlow();
      await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
    }
  } finally {
    clearTimeout(slow);
  }
  return unsaved ? { refusal: unsaved } : { lost: true };
}
