// Tables of `desk_rows.py`: sorted by their headings, their later rows made when asked for.

const NARROW = window.matchMedia("(max-width: 640px)"); // as frame.css has it
const FIRST_ON_PHONE = 10;
// Of a row with more figures the first ones, which a table has in their order.
const MOST_PAIRS = 8, FIRST_PAIRS = 6;

function mindDeskRows() {
  document.addEventListener("click", ({ target }) => {
    const head = target.closest?.(".desk-rows th");
    if (head) sortRows(head);
    const ask = target.closest?.(".desk-rows [data-later]");
    if (ask) showAllRows(ask.closest(".desk-rows"), ask);
  });
  // Paper has all rows.
  window.addEventListener("beforeprint", () => {
    for (const list of document.querySelectorAll(".desk-rows")) makeLaterRows(list);
  });
  NARROW.addEventListener("change", makePhoneRows);
}

function showAllRows(list, ask) {
  makeLaterRows(list);
  list.classList.add("whole");
  list.querySelector(".phone-rows")?.remove();
  makePhoneRows();
  ask.hidden = true;
  // Whoever goes by key goes on where the first rows ended.
  const next = NARROW.matches
    ? list.querySelectorAll(".phone-rows > li")[FIRST_ON_PHONE]
    : list.querySelector("tbody + tbody > tr")?.cells[0];
  const link = next?.querySelector("a");
  if (next && !link) next.tabIndex = -1;
  (link ?? next)?.focus();
}

// Each row of a table as a name and, below their headings, its other cells.
function makePhoneRows() {
  if (!NARROW.matches) return;
  for (const list of document.querySelectorAll(".desk-rows:not([data-names='0'])")) {
    if (list.querySelector(".phone-rows")) continue;
    const table = list.querySelector("table"), items = document.createElement("ul");
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    const isCut = list.querySelector("[data-later]") && !list.classList.contains("whole");
    const shown = isCut ? rows.slice(0, FIRST_ON_PHONE) : rows;
    items.className = "phone-rows";
    items.setAttribute("aria-label", table.getAttribute("aria-label"));
    const { names, more } = list.dataset;
    items.append(...shown.map((row) => makeItem(row, heads, Number(names), more)));
    list.prepend(items);
  }
}

function makeItem(row, heads, nNames, more) {
  const item = document.createElement("li"), name = document.createElement("b");
  const told = [...row.cells].map((cell) => cell.textContent);
  const named = told.slice(0, nNames).map((words, at) => {
    if (words === MISSING) return "";
    return "ordinal" in heads[at].dataset ? `${heads[at].textContent} ${words}` : words;
  });
  name.textContent = named.filter(Boolean).join(" · ");
  const address = row.querySelector("a")?.getAttribute("href");
  if (address) name.replaceChildren(linkTo(address, name.textContent));
  const pairs = told.flatMap((words, at) => {
    if (at < nNames || words === MISSING) return [];
    const pair = document.createElement("div");
    for (const [part, text] of [["dt", heads[at].textContent], ["dd", words]])
      pair.appendChild(document.createElement(part)).textContent = text;
    return [pair];
  });
  const nFirst = pairs.length > MOST_PAIRS ? FIRST_PAIRS : pairs.length;
  item.append(name, listPairs(pairs.slice(0, nFirst)));
  if (nFirst < pairs.length) {
    const rest = document.createElement("details");
    rest.appendChild(document.createElement("summary")).textContent = more;
    rest.append(listPairs(pairs.slice(nFirst)));
    item.append(rest);
  }
  return item;
}

function linkTo(address, words) {
  const link = document.createElement("a");
  link.setAttribute("href", address);
  link.textContent = words;
  return link;
}

function listPairs(pairs) {
  const list = document.createElement("dl");
  list.append(...pairs);
  return list;
}

// Into a body of their own: the first is seen, the other waits for whoever asks.
function makeLaterRows(list) {
  const later = list.querySelector("[data-later]")?.dataset.later;
  const [first, made] = list.querySelector("table").tBodies;
  if (!later || made) return;
  const rows = JSON.parse(later).map(([address, ...texts]) => {
    const row = first.rows[0].cloneNode(true);
    texts.forEach((text, place) => {
      const cell = row.cells[place];
      const words = cell.querySelector("div") ?? cell;
      words.replaceChildren(address && place === 0 ? linkTo(address, text) : text);
    });
    return row;
  });
  const body = document.createElement("tbody");
  body.append(...rows);
  first.after(body);
}

// Up, down, and as they were; what is missing stands last.
const NEXT = { none: "ascending", ascending: "descending", descending: "none" };

const MISSING = "–";
// A number and what it is of: "1,234", "50.0 %", "−0.3 points", but no day and no ratio.
const FIGURE = /^[+−-]?[\d,]+(\.\d+)?(?![-/\d])/;
const NUMERALS = "〇一二三四五六七八九";

function keyOf(words, isFigure) {
  if (words === MISSING) return null;
  if (isFigure) return Number.parseFloat(words.replace("−", "-").replaceAll(",", ""));
  // 第二 comes after 第一, which its sound does not say.
  return words.replace(/[〇一二三四五六七八九]/g, (sign) => NUMERALS.indexOf(sign));
}

function sortRows(head) {
  const heads = [...head.parentElement.cells], at = heads.indexOf(head);
  const order = NEXT[head.getAttribute("aria-sort") ?? "none"];
  for (const other of heads) other.removeAttribute("aria-sort");
  if (order !== "none") head.setAttribute("aria-sort", order);
  makeLaterRows(head.closest(".desk-rows"));
  const bodies = [...head.closest("table").tBodies];
  const lengths = bodies.map((body) => body.rows.length);
  const rows = bodies.flatMap((body) => [...body.rows]);
  rows.forEach((row, place) => (row.dataset.place ??= place));
  const told = rows.map((row) => row.cells[at].textContent);
  const isFigure = told.every((words) => words === MISSING || FIGURE.test(words));
  const keys = new Map(rows.map((row, place) => [row, keyOf(told[place], isFigure)]));
  const sign = order === "descending" ? -1 : 1;
  const compare = (a, b) => {
    const [one, other] = [keys.get(a), keys.get(b)];
    if (one === null || other === null) return (one === null) - (other === null);
    return sign * (isFigure ? one - other : one.localeCompare(other, "zh"));
  };
  const inPlace = (a, b) => a.dataset.place - b.dataset.place;
  rows.sort(inPlace);
  if (order !== "none") rows.sort(compare);
  bodies.forEach((body, place) => body.append(...rows.splice(0, lengths[place])));
}
