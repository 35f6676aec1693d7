// What every page of the staff is told while it is open: a bad rating that nobody has taken up.

const EVERY_MS = 5000; // an alert stands on the manager's page within ten seconds
const DISMISSED = "cases-dismissed";
const bar = document.querySelector("[data-alerts]");

/** Return up to which case somebody has said that they know. */
function dismissed() {
  try {
    return Number(localStorage.getItem(DISMISSED)) || 0;
  } catch (refused) {
    return 0;
  }
}

function dismiss() {
  try {
    localStorage.setItem(DISMISSED, bar.dataset.newest);
  } catch (refused) {
    // a browser that keeps nothing is told again
  }
  bar.hidden = true;
}

function show(told) {
  bar.dataset.newest = told.newest;
  const words = `有 ${told.fresh} 件差评待受理${told.red ? `，${told.red} 件已超期` : ""}。`;
  const said = bar.querySelector("[data-alert-words]");
  if (said.textContent !== words) said.textContent = words;
  bar.hidden = !(told.fresh && told.newest > dismissed());
}

async function ask() {
  try {
    const answer = await fetch("/cases/alerts.json", { headers: { Accept: "application/json" } });
    if (answer.ok) show(await answer.json());
  } catch (offline) {
    // asked again in five seconds
  }
}

if (bar) {
  bar.querySelector("[data-dismiss]").addEventListener("click", dismiss);
  ask();
  setInterval(ask, EVERY_MS);
}

// On a phone the pages stand in a row that scrolls: the open one is in sight.
for (const place of document.querySelectorAll(".topbar-nav [aria-current], .subbar [aria-current]")) {
  place.parentElement.scrollLeft = place.offsetLeft - (innerWidth - place.offsetWidth) / 2;
}
