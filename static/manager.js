// What a manager's page does in the browser: sort and filter a table, order services, copy, print.

const collator = new Intl.Collator("zh-CN", { numeric: true });

/** Compare two cells; an empty one (no base) stands last in either direction. */
function compare(a, b, numeric, direction) {
  if (a === "" || b === "") return (a === "" ? 1 : 0) - (b === "" ? 1 : 0);
  const order = numeric ? Number(a) - Number(b) : collator.compare(a, b);
  return order * direction;
}

function sortBy(table, heading, place) {
  const numeric = heading.classList.contains("number");
  const was = heading.getAttribute("aria-sort");
  // a figure is looked at from its largest, a name from its first
  const first = numeric ? "descending" : "ascending";
  const next = was === first ? (numeric ? "ascending" : "descending") : first;
  table.querySelectorAll("thead th").forEach((each) => each.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", next);
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const value = (row) => row.cells[place].dataset.value || row.cells[place].textContent.trim();
  const read = new Map(rows.map((row) => [row, "value" in row.cells[place].dataset ? row.cells[place].dataset.value : value(row)]));
  const direction = next === "ascending" ? 1 : -1;
  rows.sort((a, b) => compare(read.get(a), read.get(b), numeric, direction));
  body.append(...rows);
}

/** Return the headings with a button in the order of the cells below them. */
function headingsByPlace(table) {
  const rows = Array.from(table.tHead.rows);
  const grid = rows.map(() => []);
  rows.forEach((row, line) => {
    Array.from(row.cells).forEach((cell) => {
      let place = 0;
      while (grid[line][place]) place += 1;
      for (let down = 0; down < cell.rowSpan; down += 1) {
        for (let right = 0; right < cell.colSpan; right += 1) grid[line + down][place + right] = cell;
      }
    });
  });
  return grid[grid.length - 1];
}

document.querySelectorAll("table[data-sorts]").forEach((table) => {
  headingsByPlace(table).forEach((heading, place) => {
    const button = heading.querySelector(".sorter");
    if (button) button.addEventListener("click", () => sortBy(table, heading, place));
  });
});

document.querySelectorAll("input[data-filters]").forEach((input) => {
  const table = document.getElementById(input.dataset.filters);
  if (!table) return;
  const said = document.querySelector(`[data-shown-rows="${input.dataset.filters}"]`);
  const rows = () => Array.from(table.tBodies[0].rows);
  const words = (row) =>
    Array.from(row.cells)
      .filter((cell) => !cell.classList.contains("number") || cell.tagName === "TH")
      .map((cell) => `${cell.textContent} ${cell.dataset.words || ""}`)
      .join(" ")
      .toLowerCase();
  const filter = () => {
    const wanted = input.value.trim().toLowerCase().split(/\s+/);
    let shown = 0;
    rows().forEach((row) => {
      const text = words(row);
      row.hidden = !wanted.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    });
    const all = rows().length;
    said.textContent = shown === all ? `共 ${all} 行` : `显示 ${shown} / ${all} 行`;
  };
  input.addEventListener("input", filter);
  if (input.value) filter(); // typed before this script came, or kept by the browser over a reload
});

// A page that answers a form stands where the form does: going back or reloading sends nothing again.
document.querySelectorAll("[data-stands-at]").forEach((each) => {
  history.replaceState(null, "", each.dataset.standsAt);
});

document.querySelectorAll("form[data-submits-itself] select").forEach((select) => {
  select.addEventListener("change", () => select.form.submit());
});

document.querySelectorAll("[data-prints]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

document.querySelectorAll("[data-copies]").forEach((button) => {
  const from = document.getElementById(button.dataset.copies);
  const word = button.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (from.select) {
      from.select();
    } else {
      window.getSelection().selectAllChildren(from);
    }
    // the hall's own network has no https: the Clipboard API is not there, this command is
    button.textContent = document.execCommand("copy") ? "已复制" : "请按 Ctrl+C";
    setTimeout(() => {
      button.textContent = word;
    }, 2000);
  });
});

document.querySelectorAll("[data-ordered]").forEach((fieldset) => {
  const list = fieldset.querySelector("ol");
  const select = fieldset.querySelector("select");
  const name = fieldset.id.replace(/^field-/, "");
  const chosen = () => Array.from(list.querySelectorAll("input")).map((each) => each.value);
  const refresh = () => {
    const taken = new Set(chosen());
    Array.from(select.options).forEach((option) => {
      option.hidden = taken.has(option.value);
      option.disabled = option.hidden;
    });
  };
  const mini = (mark, sign, label) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "mini";
    button.textContent = sign;
    button.setAttribute(mark, "");
    button.setAttribute("aria-label", label);
    return button;
  };
  const mark = (field, value, word) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    label.className = "mark";
    box.type = "checkbox";
    box.name = field;
    box.value = value;
    box.setAttribute("aria-label", `协办 ${word}`);
    label.append(box, " 协办");
    return label;
  };
  const add = (value, word) => {
    const item = document.createElement("li");
    const input = document.createElement("input");
    const text = document.createElement("span");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    text.textContent = word;
    item.append(input, text);
    if (fieldset.dataset.marks) item.append(mark(fieldset.dataset.marks, value, word));
    item.append(mini("data-up", "↑", `上移 ${word}`), mini("data-down", "↓", `下移 ${word}`), mini("data-out", "✕", `移除 ${word}`));
    if (!list.children.length) list.textContent = "";
    list.append(item);
  };
  if (!list.children.length) list.textContent = "";
  fieldset.querySelector("[data-in]").addEventListener("click", () => {
    const option = select.selectedOptions[0];
    if (!option || !option.value) return;
    add(option.value, option.textContent);
    select.value = "";
    refresh();
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const item = button.closest("li");
    if ("up" in button.dataset && item.previousElementSibling) item.previousElementSibling.before(item);
    if ("down" in button.dataset && item.nextElementSibling) item.nextElementSibling.after(item);
    if ("out" in button.dataset) {
      item.remove();
      if (!list.children.length) list.textContent = "";
      select.focus();
    } else {
      button.focus();
    }
    refresh();
  });
  refresh();
});

const wrong = document.querySelector("[data-takes-focus]");
if (wrong) wrong.focus();

document.querySelectorAll("[data-says-file]").forEach((input) => {
  const said = document.getElementById(input.dataset.saysFile);
  input.addEventListener("change", () => {
    if (input.files.length) said.textContent = input.files[0].name;
  });
});

// A form that takes its time says so and cannot be sent twice; the browser's way back finds it anew.
document.querySelectorAll("form[data-once]").forEach((form) => {
  const button = form.querySelector("button[type=submit]");
  const words = button.textContent;
  form.addEventListener("submit", () => {
    // disabled only after the form is on its way
    setTimeout(() => {
      button.disabled = true;
      button.textContent = form.dataset.once;
    });
  });
  addEventListener("pageshow", () => {
    button.disabled = false;
    button.textContent = words;
  });
});

// What a device needs to know depends on what it is; the server checks it all the same.
const NEEDS = {
  kiosk: ["zone", "printer"],
  display: ["zone"],
  window: ["window"],
  evaluator: ["window"],
  manager: [],
  program: [],
};

document.querySelectorAll("[data-device-form]").forEach((form) => {
  const role = form.elements.role;
  const refresh = () => {
    const needed = NEEDS[role.value] || [];
    ["window", "zone", "printer"].forEach((name) => {
      const field = form.querySelector(`[data-field="${name}"]`);
      const control = form.elements[name];
      const wrong = field.classList.contains("wrong");
      field.hidden = !needed.includes(name) && !control.value && !wrong;
    });
  };
  role.addEventListener("change", refresh);
  refresh();
});

// Pairing with a device that is registered: what it is and where it stands is known.
document.querySelectorAll("[data-pair-form]").forEach((form) => {
  const described = form.querySelector("[data-new-device]");
  const refresh = () => {
    described.hidden = form.elements.device.value !== "";
  };
  form.elements.device.addEventListener("change", refresh);
  refresh();
});
