// The whole hall at one look: one JSON every four seconds, shown whole; what is old says so.
// Elements stay where they are: a button about to be pressed, words half typed, outlive the next look.

const EVERY_MS = 4000;
const WAIT_MS = 8000;
const OLD_AFTER_MS = 10000;
const LOST_AFTER_MS = 30000;
const SIGNS = { red: "■", yellow: "▲" };

const find = (name) => document.querySelector(`[data-${name}]`);
const zones = find("zones");
const connection = find("connection");
const whole = find("board");
let heardAt = Date.now();
let clock = "";
let refused = "";

const part = (element, name) => element.querySelector(`[data-part="${name}"]`);

function say(element, text) {
  const words = String(text);
  if (element.textContent !== words) element.textContent = words;
}

function made(name) {
  const template = document.querySelector(`[data-template="${name}"]`);
  return template.content.firstElementChild.cloneNode(true);
}

/** Let a list show rows by their keys, in order, with the elements it has; `kept` may stay longer. */
function showRows(list, rows, keyOf, make, fill, kept = () => false) {
  const here = new Map([...list.children].map((each) => [each.dataset.key, each]));
  let before = null;
  for (const row of rows) {
    const key = String(keyOf(row));
    const element = here.get(key) || make();
    here.delete(key);
    element.dataset.key = key;
    fill(element, row);
    const after = before ? before.nextElementSibling : list.firstElementChild;
    if (after !== element) list.insertBefore(element, after);
    before = element;
  }
  for (const element of here.values()) if (!kept(element)) element.remove();
}

// -- windows -----------------------------------------------------------------------------------

/** Minutes on a tile: 45分, 3时. */
const short = (minutes) => (minutes < 120 ? `${minutes}分` : `${Math.floor(minutes / 60)}时`);

function fillTile(tile, told) {
  const busy = told.state === "serving" || told.state === "called";
  const alarm = told.alarm ? ` alarm-${told.alarm}` : "";
  tile.className = `tile ${told.state}${alarm}${told.late ? " late" : ""}`;
  say(part(tile, "no"), told.no);
  const word = part(tile, "word");
  word.className = `state ${told.state}`;
  say(word, told.word);
  say(part(tile, "alarm"), SIGNS[told.alarm] || "");
  say(part(tile, "main"), busy ? told.number : told.reason);
  say(part(tile, "time"), told.state === "closed" && !told.since ? "" : short(told.minutes));
  say(part(tile, "clerk"), told.clerk);
  say(part(tile, "wait"), told.waiting ? `等${short(told.longest)}` : "");
  const words = [
    `${told.no}号窗口`,
    told.word,
    told.number && `${told.number} ${told.service}`,
    told.since && `${told.since} 起 ${told.minutes} 分钟`,
    told.reason,
    told.clerk,
    told.waiting ? `${told.waiting} 人等候，最久 ${told.longest} 分钟` : "无人等候",
    told.alarm && `有${told.alarm === "red" ? "红色" : "黄色"}告警`,
  ];
  const title = words.filter(Boolean).join("，");
  if (tile.title !== title) tile.title = title;
}

function fillZone(element, told) {
  say(part(element, "name"), told.name);
  say(part(element, "count"), `${told.windows.length} 个窗口`);
  showRows(element.querySelector("ol"), told.windows, (each) => each.no, () => made("tile"), fillTile);
}

// -- alarms, advice, lines ---------------------------------------------------------------------

function newAlarm() {
  const element = made("alarm");
  const acts = part(element, "acts");
  acts.addEventListener("toggle", () => {
    element.classList.toggle("answering", acts.open);
    if (acts.open) element.querySelector("input").focus();
  });
  return element;
}

function fillAlarm(element, told) {
  element.classList.toggle("red", told.level === "red");
  element.classList.toggle("known", told.acknowledged);
  const level = part(element, "level");
  level.className = `badge ${told.level === "red" ? "alarm" : "called"}`;
  say(level, told.level_word);
  say(part(element, "kind"), told.kind);
  say(part(element, "began"), `${told.began} 起 ${told.minutes} 分`);
  say(part(element, "mark"), told.easing ? "解除中" : told.escalated ? "已上报" : "");
  say(part(element, "said"), told.said);
  const answer = part(element, "answer");
  say(answer, told.acknowledged ? `${told.by}已确认${told.words ? `：${told.words}` : ""}` : "");
  answer.hidden = !told.acknowledged;
  const camera = part(element, "camera");
  camera.hidden = !told.camera;
  if (told.camera) camera.href = told.camera;
  const form = element.querySelector("form");
  form.action = `/monitor/alarms/${told.id}/acknowledge`;
  const words = form.querySelector("input");
  words.id = `words-${told.id}`;
  words.required = told.level === "red";
  part(element, "label").htmlFor = words.id;
  part(element, "acts").hidden = told.acknowledged && !part(element, "acts").open;
}

/** Whoever is writing finishes: the alarm stays, and says that it is over. */
function isAnswered(element) {
  if (!part(element, "acts").open) return false;
  say(part(element, "mark"), "已解除");
  return true;
}

function fillAdvice(element, told) {
  element.classList.toggle("urgent", told.urgent);
  say(part(element, "act"), told.act);
  say(part(element, "why"), told.why);
}

function lineRow() {
  const row = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  row.append(name);
  for (let at = 0; at < 4; at += 1) {
    const cell = document.createElement("td");
    cell.className = "number";
    row.append(cell);
  }
  return row;
}

function fillLine(row, told) {
  const [name, waiting, longest, expected, windows] = row.children;
  row.className = told.level ? `late-${told.level}` : "";
  say(name, told.name);
  if (name.title !== told.name) name.title = told.name;
  say(waiting, told.waiting);
  say(longest, `${SIGNS[told.level] ? `${SIGNS[told.level]} ` : ""}${told.longest}`);
  say(expected, told.expected === null ? "—" : told.expected);
  say(windows, `${told.open}/${told.windows}`);
}

// -- all of it ---------------------------------------------------------------------------------

function show(told) {
  clock = told.now.slice(11, 19);
  for (const sum of document.querySelectorAll("[data-sum]")) say(sum, told.sums[sum.dataset.sum]);
  find("closed").hidden = told.open;
  showRows(zones, told.zones, (each) => each.code, () => made("zone"), fillZone);
  showRows(find("alarms"), told.alarms, (each) => each.id, newAlarm, fillAlarm, isAnswered);
  const advise = () => made("advice");
  showRows(find("advice"), told.advice, (each) => each.service, advise, fillAdvice);
  showRows(find("lines"), told.lines, (each) => each.code, lineRow, fillLine);
  for (const name of ["alarms", "advice", "lines"]) {
    document.querySelector(`[data-none="${name}"]`).hidden = told[name].length > 0;
  }
  document.querySelector(".lines .table").hidden = told.lines.length === 0;
  const open = told.alarms.filter((each) => !each.acknowledged).length;
  say(document.querySelector('[data-count="alarms"]'), told.alarms.length ? `${open} 条待确认` : "");
}

function showAge() {
  const age = Date.now() - heardAt;
  const seconds = Math.round(age / 1000);
  const state = refused ? "refused" : age > LOST_AFTER_MS ? "lost" : age > OLD_AFTER_MS ? "reconnecting" : "live";
  if (connection.dataset.state !== state) connection.dataset.state = state;
  whole.classList.toggle("is-old", state !== "live");
  const old = `${clock} 的情况，${seconds} 秒没有更新`;
  say(connection, refused || (state === "live" ? clock : old));
}

async function ask() {
  const control = new AbortController();
  const late = setTimeout(() => control.abort(), WAIT_MS);
  try {
    const answer = await fetch("/monitor/board.json", {
      headers: { Accept: "application/json" },
      signal: control.signal,
    });
    if (answer.ok) {
      show(await answer.json());
      heardAt = Date.now();
      refused = "";
    } else if (answer.status === 401 || answer.status === 403) {
      refused = "登录已失效，请重新登录";
    }
  } catch (offline) {
    // the age of what is shown says it
  }
  clearTimeout(late);
  showAge();
  setTimeout(ask, EVERY_MS);
}

show(JSON.parse(document.getElementById("page-data").textContent));
showAge();
setInterval(showAge, 1000);
setTimeout(ask, EVERY_MS);
