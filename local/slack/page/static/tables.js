// Tables in pages: one page of rows at a time, sorted by the column whose heading is pressed.

export function startTables() {
  document.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (step) return turn(step.closest(".data-table"), Number(step.dataset.step));
    const heading = event.target.closest(".data-table thead button");
    if (heading) sort(heading.closest("th"));
  });
}

const rowsOf = (table) => [...table.querySelectorAll("tbody tr")];

/** Gives a table that just arrived its headings to press and its pages to turn. */
export function page(table) {
  if (table.dataset.at !== undefined) return;
  table.dataset.at = "0";
  for (const heading of table.querySelectorAll("thead th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
  }
  if (rowsOf(table).length > Number(table.dataset.pageSize)) table.append(pager());
  show(table);
}

function pager() {
  const bar = document.createElement("p");
  bar.className = "pager";
  const where = document.createElement("span");
  where.setAttribute("role", "status");
  bar.append(step("Previous", -1), where, step("Next", 1));
  return bar;
}

function step(name, by) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = name;
  button.dataset.step = by;
  return button;
}

function turn(table, by) {
  table.dataset.at = Number(table.dataset.at) + by;
  show(table);
}

function show(table) {
  const rows = rowsOf(table);
  const [size, at] = [Number(table.dataset.pageSize), Number(table.dataset.at)];
  rows.forEach((row, index) => (row.hidden = Math.floor(index / size) !== at));
  const bar = table.querySelector(".pager");
  if (!bar) return;
  const last = Math.min(rows.length, (at + 1) * size);
  bar.querySelector("span").textContent = `${at * size + 1} to ${last} of ${rows.length}`;
  bar.querySelector("[data-step='-1']").disabled = at === 0;
  bar.querySelector("[data-step='1']").disabled = last === rows.length;
}

function sort(heading) {
  const table = heading.closest(".data-table");
  const isUp = heading.ariaSort !== "ascending";
  table.querySelectorAll("thead th").forEach((each) => (each.ariaSort = null));
  heading.ariaSort = isUp ? "ascending" : "descending";
  const column = heading.cellIndex;
  const words = (row) => row.cells[column].textContent.trim();
  const order = new Intl.Collator("en", { numeric: true });
  const sorted = rowsOf(table).sort((a, b) => order.compare(words(a), words(b)) * (isUp ? 1 : -1));
  table.querySelector("tbody").append(...sorted);
  table.dataset.at = "0";
  show(table);
}
