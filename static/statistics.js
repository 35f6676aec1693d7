// On paper a wide table stands in blocks, each with the names of its rows, its title and period.

const MOST_COLUMNS = 13; // beside the name, on A4 landscape at 8 pt (figures.css)

/** Return the groups of columns as pairs: where one begins and how many it has. */
function groupsOf(table) {
  let at = 1;
  return Array.from(table.tHead.rows[0].cells)
    .slice(1)
    .map((cell) => {
      const group = { first: at, many: cell.colSpan, cell };
      at += cell.colSpan;
      return group;
    });
}

/** Return the blocks: groups that fit beside each other; a group that is too wide is cut evenly. */
function blocksOf(groups) {
  const cut = groups.flatMap(({ first, many, cell }) => {
    const pieces = Math.ceil(many / MOST_COLUMNS);
    const size = Math.ceil(many / pieces);
    return Array.from({ length: pieces }, (_, place) => ({
      first: first + place * size,
      many: Math.min(size, many - place * size),
      cell,
    }));
  });
  const blocks = [];
  let room = 0;
  cut.forEach((group) => {
    if (group.many > room) {
      blocks.push([]);
      room = MOST_COLUMNS;
    }
    blocks[blocks.length - 1].push(group);
    room -= group.many;
  });
  return blocks;
}

function cellsOf(row, groups, before) {
  return groups.flatMap(({ first, many }) => Array.from(row.cells).slice(first - before, first - before + many));
}

function rowOf(row, groups) {
  const copy = row.cloneNode(false);
  copy.append(row.cells[0].cloneNode(true), ...cellsOf(row, groups, 0).map((cell) => cell.cloneNode(true)));
  return copy;
}

function headOf(table, groups) {
  const [upper, lower] = table.tHead.rows;
  const head = document.createElement("thead");
  const title = head.insertRow().appendChild(document.createElement("th"));
  title.className = "block-title";
  title.colSpan = 1 + groups.reduce((sum, { many }) => sum + many, 0);
  title.append(...Array.from(table.caption.childNodes, (each) => each.cloneNode(true)));
  const first = upper.cloneNode(false);
  first.append(upper.cells[0].cloneNode(true));
  groups.forEach(({ many, cell }) => {
    const copy = cell.cloneNode(true);
    copy.colSpan = many;
    first.append(copy);
  });
  const second = lower.cloneNode(false);
  second.append(...cellsOf(lower, groups, 1).map((cell) => cell.cloneNode(true)));
  head.append(first, second);
  return head;
}

function blockOf(table, groups) {
  const block = table.cloneNode(false);
  block.removeAttribute("id");
  const body = document.createElement("tbody");
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
  body.append(...rows.map((row) => rowOf(row, groups)));
  const foot = document.createElement("tfoot");
  foot.append(...Array.from(table.tFoot.rows, (row) => rowOf(row, groups)));
  block.append(headOf(table, groups), body, foot);
  return block;
}

const table = document.querySelector("table[data-in-blocks]");
const sheet = table && table.closest(".table-scroll");

function lay() {
  takeAway();
  const blocks = document.createElement("div");
  blocks.className = "paper-blocks";
  blocks.append(...blocksOf(groupsOf(table)).map((groups) => blockOf(table, groups)));
  sheet.after(blocks);
  sheet.classList.add("laid-in-blocks");
}

function takeAway() {
  document.querySelectorAll(".paper-blocks").forEach((each) => each.remove());
  sheet.classList.remove("laid-in-blocks");
}

if (table) {
  window.addEventListener("beforeprint", lay);
  window.addEventListener("afterprint", takeAway);
}
