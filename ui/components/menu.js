function link({ name, to, isHere, isWall }) {
  const item = document.createElement("a");
  item.textContent = name;
  item.dataset.to = item.href = to;
  // What hangs on the wall is of the newest month, whichever one was looked at.
  if (isWall) item.dataset.without = "month";
  if (isHere) item.setAttribute("aria-current", "page");
  // Before any click on it, by whichever key or button.
  item.onpointerenter = item.onfocus = () => carry(item);
  item.onclick = (event) => {
    carry(item);
    closeAll(item.closest("nav"));
    follow(event, item.href);
  };
  return item;
}

// The choices are those of the moment, not of the run that drew the menu.
function carry(item) {
  const carried = new URLSearchParams(document.documentElement.dataset.carried ?? "");
  if (item.dataset.without) carried.delete(item.dataset.without);
  item.href = `${item.dataset.to}?${carried}`;
}

function section({ name, pages }, number) {
  const item = document.createElement("li");
  if (pages.length === 1) {
    item.append(link({ ...pages[0], name }));
    return item;
  }
  const head = document.createElement("button");
  head.type = "button";
  head.textContent = name;
  head.setAttribute("aria-expanded", "false");
  head.setAttribute("aria-controls", `pages-${number}`);
  if (pages.some(({ isHere }) => isHere)) head.setAttribute("aria-current", "true");
  const list = document.createElement("ul");
  list.id = `pages-${number}`;
  for (const page of pages) {
    const entry = document.createElement("li");
    entry.append(link(page));
    list.append(entry);
  }
  head.onclick = () => {
    const isOpen = head.getAttribute("aria-expanded") === "true";
    for (const other of item.parentElement.querySelectorAll("button"))
      other.setAttribute("aria-expanded", "false");
    head.setAttribute("aria-expanded", String(!isOpen));
  };
  item.append(head, list);
  return item;
}

function closeAll(nav) {
  for (const head of nav.querySelectorAll("button")) head.setAttribute("aria-expanded", "false");
}

// A sheet of A4 across within its margins, in CSS pixels, and how a desk's screen fits it.
const PAPER = { width: 1047, zoom: 0.72 };

// What is drawn by pixels stays as wide on paper as it is on the screen.
function fitPaper() {
  const main = document.querySelector("[data-testid=stMainBlockContainer]");
  if (!main) return;
  const { paddingLeft, paddingRight } = getComputedStyle(main);
  const width = main.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  const zoom = Math.min(PAPER.zoom, PAPER.width / width);
  const root = document.documentElement.style;
  root.setProperty("--paper-zoom", zoom.toFixed(3));
  const map = document.querySelector(".st-key-figure-map");
  if (map) root.setProperty("--paper-map", `${map.clientWidth}px`);
}

// For pictures that are drawn for paper: on a dark page they are shown dark.
function noteTheme() {
  const { backgroundColor } = getComputedStyle(document.querySelector("[data-testid=stApp]"));
  const [r, g, b] = backgroundColor.match(/[\d.]+/g).map(Number);
  const theme = r + g + b < 384 ? "dark" : "light";
  const { dataset } = document.documentElement;
  if (dataset.theme !== theme) dataset.theme = theme;
}

export default function ({ data, parentElement }) {
  requestAnimationFrame(noteTheme);
  window.onbeforeprint = fitPaper;
  const nav = parentElement.querySelector("nav");
  // A run that changes nothing leaves an open list open.
  if (nav.dataset.drawn === data.menu) return;
  nav.dataset.drawn = data.menu;
  const { label, sections } = JSON.parse(data.menu);
  nav.setAttribute("aria-label", label);
  nav.querySelector("#sections").replaceChildren(...sections.map(section));
  const all = nav.querySelector(".all");
  const here = sections.flatMap(({ pages }) => pages).find(({ isHere }) => isHere);
  all.querySelector(".here").textContent = here?.name ?? label;
  all.setAttribute("aria-label", here ? `${label} · ${here.name}` : label);
  all.onclick = () => {
    const isOpen = all.getAttribute("aria-expanded") === "true";
    closeAll(nav);
    all.setAttribute("aria-expanded", String(!isOpen));
    // Below it the list of the page that one is on stands open.
    if (!isOpen) nav.querySelector("[aria-current=true]")?.setAttribute("aria-expanded", "true");
  };
  nav.onkeydown = (event) => {
    if (event.key !== "Escape") return;
    const open = nav.querySelector("#sections [aria-expanded=true]") ?? all;
    closeAll(nav);
    // A hidden button takes no focus.
    (open.offsetParent ? open : all).focus();
  };
  nav.onfocusout = ({ relatedTarget }) => {
    if (relatedTarget && !nav.contains(relatedTarget)) closeAll(nav);
  };
  // Assigned, not added: there is one menu, and it may be drawn again.
  window.onpointerdown = (event) => {
    if (!event.composedPath().includes(nav)) closeAll(nav);
  };
}
