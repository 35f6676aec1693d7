// When the clerk's page locks: at a key, at a button, or after so many minutes without input.
// The hall locks, not this page; the page only goes where the hall then leads it.

const LOOK_MS = 5000; // a computer that slept finds out as soon as it wakes
const NOTE_MS = 2000;
const AGAIN_MS = 1000;

/** Lock this browser's window; what is shown goes at once, even before the hall has answered. */
export async function lockWindow(no, session) {
  const next = `/window/${no}${location.search}`;
  for (;;) {
    const answer = await fetch(`/sign-in/lock?next=${encodeURIComponent(next)}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Window-Session": session },
      body: "{}",
    }).catch(() => null);
    // 423: it is locked already; 401: nobody is signed in any more. Both show in the page itself.
    if (answer) return location.replace(answer.ok ? (await answer.json()).to : next);
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
}

/** Call `lock` after so many minutes in which nobody touched this page or its small window. */
export function lockWhenIdle(no, minutes, lock) {
  const place = `window-input-${no}`;
  let noted = 0;

  function note() {
    const now = Date.now();
    if (now - noted < NOTE_MS) return;
    noted = now;
    try {
      localStorage.setItem(place, String(now)); // the small window is a page of its own
    } catch {
      // a browser that keeps nothing locks each page by itself
    }
  }

  function last() {
    try {
      return Math.max(noted, Number(localStorage.getItem(place)) || 0);
    } catch {
      return noted;
    }
  }

  note();
  if (!minutes) return note;
  const timer = setInterval(() => {
    if (Date.now() - last() < minutes * 60000) return;
    clearInterval(timer);
    lock();
  }, LOOK_MS);
  return note;
}

/** Let whatever is done in a window count as input. */
export function hearInput(target, note) {
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) {
    target.addEventListener(kind, note, { capture: true, passive: true });
  }
}
