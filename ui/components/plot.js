// A picture of marks (plot_drawing.js): drawn when it comes near, read by pointer and
// keys, clicked.
const REACH = 20; // pixels from which the nearest mark answers a pointer

function redraw(node) {
  const { width } = node;
  if (!width) return;
  const drawn = `${width} ${node.text}`;
  if (node.drawn === drawn || !node.isConnected) return;
  node.drawn = drawn;
  const { svg, marks } = drawFigure(node.figure, width);
  node.marks = marks;
  node.querySelector("svg")?.remove();
  node.prepend(svg);
  keepInside(svg, width);
  hide(node);
}

// What a reader sees, or will after half a screen; what lies further down costs nothing
// until it comes near. Paper has all of it.
const NEAR = { scrollMargin: "50% 0px" };

function drawIfNear(node) {
  if (node.isNear) redraw(node);
}

function watch(node) {
  const sight = new IntersectionObserver((seen) => {
    node.isNear = seen.at(-1).isIntersecting;
    drawIfNear(node);
  }, NEAR);
  const size = new ResizeObserver((sizes) => {
    node.width = Math.floor(sizes.at(-1).contentRect.width);
    drawIfNear(node);
  });
  const print = () => redraw(node);
  sight.observe(node);
  size.observe(node);
  window.addEventListener("beforeprint", print);
  return () => {
    sight.disconnect();
    size.disconnect();
    window.removeEventListener("beforeprint", print);
  };
}

// ---- the words of a mark

// Beside the mark, where no other mark of its row stands; else above or below it.
function show(node, mark) {
  const ring = node.querySelector(".mark-ring");
  ring.hidden = false;
  const [from, to] = [mark.left - mark.r - 2, mark.right + mark.r + 2];
  const [up, down] = [mark.top - mark.r - 2, mark.bottom + mark.r + 2];
  Object.assign(ring.style, {
    left: `${from}px`,
    top: `${up}px`,
    width: `${to - from}px`,
    height: `${down - up}px`,
  });
  const label = node.querySelector(".mark-words");
  label.textContent = mark.words;
  label.hidden = false;
  const { offsetWidth: wide, offsetHeight: high } = label;
  const { clientWidth: width, clientHeight: height } = node;
  const gap = mark.r + 6;
  const middle = (mark.top + mark.bottom - high) / 2;
  const center = (mark.left + mark.right - wide) / 2;
  const within = (at, size, whole) => Math.max(0, Math.min(at, whole - size));
  const [left, top] = [
    [mark.right + gap, middle],
    [mark.left - gap - wide, middle],
    [center, mark.top - gap - high],
    [center, mark.bottom + gap],
  ].find(
    ([x, y], i) => (i > 1 || (x >= 0 && x + wide <= width)) && (i < 2 || (y >= 0 && y + high <= height)),
  ) ?? [center, middle];
  label.style.left = `${within(left, wide, width)}px`;
  label.style.top = `${within(top, high, height)}px`;
}

function hide(node) {
  for (const part of node.querySelectorAll(".mark-words, .mark-ring")) part.hidden = true;
}

// The mark below a pointer, else the nearest one; of two the one that lies on top.
function markAt(node, event) {
  const { left, top } = node.getBoundingClientRect();
  // On paper and on the wall a picture is zoomed.
  const zoom = node.currentCSSZoom ?? 1;
  const x = (event.clientX - left) / zoom,
    y = (event.clientY - top) / zoom;
  let nearest,
    least = REACH;
  for (const mark of node.marks ?? []) {
    const dx = Math.max(mark.left - x, 0, x - mark.right),
      dy = Math.max(mark.top - y, 0, y - mark.bottom);
    const away = Math.max(Math.hypot(dx, dy) - mark.r, 0);
    if (away <= least) [nearest, least] = [mark, away];
  }
  return nearest;
}

function point(node, event) {
  const mark = markAt(node, event);
  node.style.cursor = mark?.codes && node.isClickable ? "pointer" : "";
  if (mark) show(node, mark);
  else hide(node);
}

// ---- without a mouse: the arrows go from mark to mark, Enter is the click on it

// The marks that lead somewhere, each place once; where none does, all that say something.
function stopsOf({ marks, isClickable }) {
  if (!isClickable) return marks;
  const found = new Map();
  for (const mark of marks) {
    const name = JSON.stringify(mark.codes);
    if (mark.codes && !found.has(name)) found.set(name, mark);
  }
  return [...found.values()];
}

function press(node, said, event) {
  if (event.key === "Escape") hide(node);
  const stops = node.drawn ? stopsOf(node) : [];
  const last = stops.length - 1;
  const at = Math.min(node.at ?? -1, last);
  const to = {
    ArrowDown: Math.min(at + 1, last),
    ArrowRight: Math.min(at + 1, last),
    ArrowUp: Math.max(at - 1, 0),
    ArrowLeft: Math.max(at - 1, 0),
    Home: 0,
    End: last,
  }[event.key];
  if (last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && at >= 0) return node.answer(stops[at].codes);
  if (to === undefined) return;
  event.preventDefault();
  node.at = to;
  show(node, stops[to]);
  said.textContent = stops[to].words.replaceAll("\n", ", ");
}

// Called again by Streamlit on new data.
export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".plot");
  const text = new TextDecoder().decode(data);
  if (text !== node.text) {
    const { figure, alt, isClickable } = JSON.parse(text);
    node.setAttribute("aria-label", alt);
    node.style.height = `${figure.layout.height}px`;
    node.tabIndex = 0;
    node.setAttribute("aria-keyshortcuts", `ArrowDown ArrowUp${isClickable ? " Enter" : ""}`);
    Object.assign(node, { text, figure, isClickable, at: undefined });
  }
  node.answer = (codes) => {
    if (codes && node.isClickable) setTriggerValue("clicked", codes);
  };
  const said = parentElement.querySelector(".said");
  node.onkeydown = (event) => press(node, said, event);
  node.onblur = () => hide(node);
  node.onpointermove = node.onpointerdown = (event) => point(node, event);
  node.onpointerleave = () => hide(node);
  node.onclick = (event) => node.answer(markAt(node, event)?.codes);
  node.leave ??= watch(node);
  drawIfNear(node);
  return node.leave;
}
