// Streamlit would open a link of a text in another tab, even one to our own pages, and
// load the page anew for one in a row of a table.
const IN_TEXTS = 'a[href^="./"]:is([target=_blank], [data-testid=stHtml] *)';

function followInTexts(event) {
  const link = event.target.closest?.(IN_TEXTS);
  if (link) follow(event, link.getAttribute("href"));
}

// A box whose choice is `data-tick` in the address. Replaced, as other choices are.
function tickInAddress({ target }) {
  const choice = target.dataset?.tick;
  if (!choice) return;
  const query = new URLSearchParams(window.location.search);
  if (target.checked) query.set(choice, "1");
  else query.delete(choice);
  const { pathname, hash } = window.location;
  window.history.replaceState(window.history.state, "", `${pathname}?${query}${hash}`);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

function tickAsAddress() {
  const query = new URLSearchParams(window.location.search);
  for (const box of document.querySelectorAll("[data-tick]"))
    box.checked = query.get(box.dataset.tick) === "1";
}

// Replaced, not pushed: going back must not stop at the bare address of a menu click.
// Only an address of the run that says so: on a slow network the reader may have left.
function say(data) {
  const { pathname, search, hash } = window.location;
  const isHere = pathname.endsWith(`/${data.page}`);
  if (!isHere || !JSON.parse(data.from).some((query) => isSame(query, search))) return;
  if (!isSame(data.query, search))
    window.history.replaceState(window.history.state, "", `${pathname}?${data.query}${hash}`);
}

function drawTrail(nav, { label, trail }) {
  nav.setAttribute("aria-label", label);
  const steps = JSON.parse(trail);
  nav.firstElementChild.replaceChildren(
    ...steps.map(({ name, to }, depth) => {
      const item = document.createElement("li");
      const isHere = depth === steps.length - 1;
      const step = document.createElement(isHere ? "span" : "a");
      step.textContent = name;
      if (isHere) step.setAttribute("aria-current", "page");
      else {
        step.href = to;
        step.onclick = (event) => follow(event, to);
      }
      item.append(step);
      return item;
    }),
  );
}

// What Streamlit's own markup lacks: the sidebar's list holds its items in <div>s, what
// scrolls sideways cannot be reached by key, and where files are dropped is
// named and called mere decoration at once.
function mend() {
  for (const items of document.querySelectorAll("[data-testid=stSidebarNavItems]")) {
    if (!items.querySelector(":scope > div > li")) continue;
    items.setAttribute("role", "group");
    for (const part of items.querySelectorAll(":scope > div"))
      part.setAttribute("role", "list");
  }
  for (const zone of document.querySelectorAll("[data-testid=stFileUploaderDropzone]"))
    if (zone.getAttribute("role") !== "group") zone.setAttribute("role", "group");
  for (const box of document.querySelectorAll("[data-testid=stTable] > div, .desk-rows > div"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  makePhoneRows();
  tickAsAddress();
  translate();
}

// Streamlit's own words are English: they become the reader's, also after a change of
// language, which draws nothing of this anew.
const SPOKEN = [
  "button[aria-label]",
  "[role=group][aria-label]",
  "input[placeholder]",
  "[data-testid=stSkipToContent]",
  "[data-testid=stStatusWidgetRunningIcon]",
  "input[type=file]",
  "[data-testid=stBaseButton-header]",
  // The menus in the heading of a grid.
  "[data-testid^=stDataFrame][data-testid$=Menu]",
].join();
// All that stands in these, looked for there: as the end of one selector it would have
// the browser ask of each part of a page what it stands in.
const SPOKEN_WITHIN = [
  "[data-testid=stMainMenuPopover]",
  "[data-testid=stFileUploaderDropzone]",
  "[data-testid^=stDataFrame][data-testid$=Menu]",
  // What the tools above a grid are called.
  "[data-testid=stTooltipContent]",
  // What a list says where nothing fits; its options are not Streamlit's words.
  '[role=option][style*="contents"]',
].join();

// What stands before a name.
const LEADING = ["Remove", "Help for"];

// Parsed when they change, not at every change of the page.
let spoken = { json: "{}", words: {}, leading: [] };

function readWords() {
  const json = document.documentElement.dataset.words ?? "{}";
  if (json === spoken.json) return;
  const words = JSON.parse(json);
  const ours = LEADING.map((text) => words[text]).filter(Boolean);
  const leading = Object.keys(words).filter((text) => ours.includes(words[text]));
  spoken = { json, words, leading };
}

function translate() {
  readWords();
  const { words, leading } = spoken;
  function inOurs(text) {
    const lead = leading.find((start) => text.startsWith(`${start} `));
    if (lead) return words[lead] + text.slice(lead.length);
    // A tool of a grid, and after a colon which grid it is of.
    const [tool, ...grid] = text.split(": ");
    if (grid.length && words[tool]) return [words[tool], ...grid].join("：");
    return words[text.trim()];
  }
  const boxes = [...document.querySelectorAll(SPOKEN_WITHIN)];
  const within = boxes.flatMap((box) => [...box.querySelectorAll("*")]);
  for (const part of [...document.querySelectorAll(SPOKEN), ...within]) {
    for (const name of ["aria-label", "placeholder"]) {
      const own = part.getAttribute(name);
      const ours = own && inOurs(own);
      if (ours && ours !== own) part.setAttribute(name, ours);
    }
    for (const node of part.childNodes) {
      const ours = node.nodeType === Node.TEXT_NODE && inOurs(node.data);
      if (ours && ours !== node.data) node.data = ours;
    }
  }
  // An icon beside the words of a link says nothing that they do not.
  for (const icon of document.querySelectorAll("[role=img][aria-label$=' icon']"))
    icon.setAttribute("aria-hidden", "true");
}

// Once a frame: a page changes in a hundred steps, and looking for all this in it takes
// as long as drawing a figure.
let awaited = 0;
function mendSoon() {
  awaited ||= requestAnimationFrame(() => {
    awaited = 0;
    mend();
  });
}

// Streamlit keeps the chosen theme for the path that a document was opened by, alone:
// it is kept for the path of every page.
function keepTheme(pages) {
  const [opened] = performance.getEntriesByType("navigation");
  const path = new URL(opened.name).pathname;
  const ours = `stActiveTheme-${path}-`;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  // What no page answers to begins with the system's: nobody has chosen that.
  if (!pages.includes(path.slice(folder.length))) return;
  for (const key of Object.keys(localStorage).filter((key) => key.startsWith(ours)))
    for (const page of pages)
      localStorage.setItem(
        `stActiveTheme-${folder}${page}-${key.slice(ours.length)}`,
        localStorage.getItem(key),
      );
}

// Streamlit tells the window around the app of each run, seven messages long. Where there
// is none they come back, and it tries each against the addresses that it may be embedded
// in, some milliseconds of each click.
function ignoreOwnMessages() {
  window.addEventListener(
    "message",
    (event) => event.source === window && event.stopImmediatePropagation(),
    { capture: true },
  );
}

function mendFromNowOn(pages) {
  const root = document.documentElement;
  if (!root.dataset.mended) {
    new MutationObserver(mendSoon).observe(document.body, { childList: true, subtree: true });
    document.addEventListener("click", followInTexts);
    document.addEventListener("change", tickInAddress);
    window.addEventListener("popstate", mendSoon);
    mindDeskRows();
    ignoreOwnMessages();
    for (const name of ["click", "pagehide"])
      window.addEventListener(name, () => keepTheme(pages));
  }
  root.dataset.mended = "yes";
  mendSoon();
}

// The last run that was heard of: its parts may be drawn in either order, and what the
// menu takes along is what the later one says.
let latest = 0;

export default function ({ data, parentElement }) {
  const root = document.documentElement;
  // Writing the same again would have the look of the whole page worked out anew.
  if (data.language && (root.lang !== data.language || root.dataset.words !== data.words)) {
    root.lang = data.language;
    root.dataset.words = data.words;
    mendFromNowOn(JSON.parse(data.pages));
  }
  if (data.carried && data.run > latest) {
    latest = data.run;
    if (root.dataset.carried !== data.carried) root.dataset.carried = data.carried;
  }
  if (data.close)
    document.querySelector('[role="dialog"] button[aria-label="Close"]')?.click();
  if (data.query) say(data);
  if (data.scroll) scrollToHash();
  if (data.trail) drawTrail(parentElement.querySelector("nav"), data);
  if (data.visit) visit(data.visit);
}
