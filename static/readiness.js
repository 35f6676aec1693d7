// The readiness report: asked again every half minute, and when somebody wants to know now.

const EVERY_MS = 30000;
const report = document.querySelector("[data-report]");
const offline = document.querySelector("[data-offline]");
const again = document.querySelector("[data-checks]");
const print = document.querySelector("[data-prints]");

async function check() {
  again.disabled = true;
  try {
    const answer = await fetch("/readiness/report", { headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status === 401) location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    report.replaceChildren(...[...page.body.children].map((each) => document.adoptNode(each)));
    offline.hidden = true;
  } catch (lost) {
    offline.hidden = false;
  }
  again.disabled = false;
}

again.hidden = false;
again.addEventListener("click", check);
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
setInterval(check, EVERY_MS);
