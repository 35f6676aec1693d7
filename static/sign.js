// The sign above a window: shows the whole state each time a board comes.
import { connect, pageData, showConnection } from "/static/live.js";

const page = pageData();
const $ = (id) => document.getElementById(id);
// What is said small and large; the words are those hung above windows all over the country.
const SHOWN = {
  closed: () => ["", "未登录", ""],
  open: () => ["", "欢迎光临", ""],
  paused: (window) => ["", "暂停服务", window.pause_reason === "暂停服务" ? "" : window.pause_reason],
  called: (window) => ["请到本窗口", window.number, ""],
  serving: (window) => ["正在办理", window.number, ""],
};

function show(board) {
  const window = board.windows.find((each) => each.no === page.window);
  const state = window && SHOWN[window.state] ? window.state : "closed";
  const [word, large, why] = SHOWN[state](window);
  $("now").dataset.state = state;
  $("word").textContent = word;
  $("large").textContent = large;
  $("why").textContent = why;
  showClerk(window && state !== "closed" ? window.clerk : "");
}

/** The photograph is asked for once a clerk; a window whose clerk has none shows the name alone. */
function showClerk(clerk) {
  const photo = $("photo");
  $("clerk").textContent = clerk ? `工作人员　${clerk}` : "";
  if (photo.dataset.clerk === (clerk || "")) return;
  photo.dataset.clerk = clerk || "";
  photo.hidden = true;
  if (clerk) photo.src = `/display/window/${page.window}/photo?${encodeURIComponent(clerk)}`;
}

$("photo").addEventListener("load", () => ($("photo").hidden = !$("photo").dataset.clerk));

const live = connect({ role: "display", zone: page.zone, watch: { zone: page.zone }, on: { board: show } });
showConnection(live, $("connection"));
live.onState((state) => document.body.classList.toggle("stale", state.kind === "lost" || state.kind === "refused"));
