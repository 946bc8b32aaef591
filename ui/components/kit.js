// What the drawn components share; kit.py puts PALETTES before it where hot and cold are.
// Every text of a ledger goes in as textContent: a unit may be called <img onerror=…>.
const SVG = "http://www.w3.org/2000/svg";

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function draw(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  return node;
}

// The theme really in use: the reader may have chosen it in Streamlit's own menu.
function paletteInUse(root) {
  const [r, g, b] = getComputedStyle(root).backgroundColor.match(/[\d.]+/g).map(Number);
  const isDark = 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
  root.dataset.theme = isDark ? "dark" : "light";
  return PALETTES[root.dataset.theme];
}

function applyPalette(root) {
  const palette = paletteInUse(root);
  palette.pairs.forEach(([background, text], i) => {
    root.style.setProperty(`--b${i}`, background);
    root.style.setProperty(`--t${i}`, text);
  });
  root.style.setProperty("--hatch", palette.hatch);
}

function setStep(node, step) {
  node.style.setProperty("--b", `var(--b${step + 3})`);
  node.style.setProperty("--t", `var(--t${step + 3})`);
}

// Streamlit listens to popstate for going back and forward; a visit is a step forward.
function visit(address) {
  window.history.pushState({}, "", address);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

function follow(event, address) {
  // With a key held the reader wants another tab.
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  visit(address);
}
