// Reports: how far an export is, asked while one runs; a button that prints the bulletin.

const EVERY_MS = 1000;
const table = document.querySelector("[data-exports]");

/** Put the row of an export that has ended in the place of the one that runs. */
async function renew(row) {
  const answer = await fetch(location.pathname + location.search);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const ended = page.querySelector(`[data-export="${row.dataset.export}"]`);
  if (ended) row.replaceWith(document.adoptNode(ended));
}

async function show(told) {
  const row = table.querySelector(`[data-export="${told.id}"]`);
  if (!row || row.dataset.state !== "running") return;
  if (told.state !== "running") {
    // what is said of a finished export the server writes; a form half filled in stays as it is
    await renew(row);
    return;
  }
  row.querySelector("progress").value = told.percent;
  row.querySelector("[data-percent]").textContent = `${told.percent}%`;
  row.querySelector("[data-rows]").textContent = told.rows;
}

async function ask() {
  if (!table.querySelector('[data-state="running"]')) return;
  try {
    const answer = await fetch("/reports/exports.json", { headers: { Accept: "application/json" } });
    if (answer.ok) await Promise.all((await answer.json()).rows.map(show));
  } catch (offline) {
    // asked again in a second
  }
  setTimeout(ask, EVERY_MS);
}

if (table) ask();

const printer = document.querySelector(".tools [data-prints]");
if (printer) {
  printer.hidden = false;
  printer.addEventListener("click", () => print());
}
