// Figures of plotly, each changed in place: what Streamlit draws for st.plotly_chart is
// thrown away at every new figure and then drawn twice, by a library four times as long.
const CONFIG = { displayModeBar: false, displaylogo: false };

// Every drawing asks; the browser loads it once.
async function load() {
  await import(new URL(LIBRARY, document.baseURI).href);
  return window.Plotly;
}

// Text takes the colour of the page it stands on, and what a pointer reads is a piece of it.
function lookOf(node) {
  const { color, fontFamily } = getComputedStyle(node);
  const root = getComputedStyle(document.querySelector("[data-testid=stApp]"));
  const font = { color, family: fontFamily };
  const hoverlabel = { bgcolor: root.backgroundColor, bordercolor: color, font };
  return { template: { layout: { font, hoverlabel, xaxis: { showgrid: false } } } };
}

async function draw(node) {
  const { width } = node;
  if (!width) return;
  // Not awaited once it is there: paper does not wait.
  const Plotly = window.Plotly ?? (await load());
  const look = lookOf(node);
  const drawn = JSON.stringify([width, look]) + node.text;
  if (node.drawn === drawn || !node.isConnected) return;
  const isFirst = !node.drawn;
  node.drawn = drawn;
  const { data, layout } = node.figure;
  Plotly.react(node, data, { ...layout, ...look, width, autosize: false }, CONFIG);
  if (isFirst) node.on("plotly_click", ({ points }) => node.answer(points[0].customdata));
}

// What a reader sees, or will after half a screen; what lies further down costs nothing
// until it comes near. Paper has all of it.
const NEAR = { scrollMargin: "50% 0px" };

function drawIfNear(node) {
  if (node.isNear) draw(node);
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
  const print = () => draw(node);
  sight.observe(node);
  size.observe(node);
  window.addEventListener("beforeprint", print);
  return () => {
    sight.disconnect();
    size.disconnect();
    window.removeEventListener("beforeprint", print);
    if (node.drawn) window.Plotly.purge(node);
  };
}

// The marks that lead somewhere, each place once, in the order of the drawing.
function marksOf({ data }) {
  const found = new Map();
  data.forEach(({ customdata, hovertext }, curveNumber) => {
    customdata?.forEach((codes, pointNumber) => {
      const name = JSON.stringify(codes);
      const words = hovertext?.[pointNumber] ?? "";
      if (!found.has(name)) found.set(name, { curveNumber, pointNumber, codes, words });
    });
  });
  return [...found.values()];
}

// Without a mouse: the arrows go from mark to mark, Enter is the click on it.
function press(node, said, event) {
  const marks = node.isClickable && node.drawn ? marksOf(node.figure) : [];
  const last = marks.length - 1;
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
  if (event.key === "Enter" && at >= 0) return node.answer(marks[at].codes);
  if (to === undefined) return;
  event.preventDefault();
  node.at = to;
  const { curveNumber, pointNumber, words } = marks[to];
  window.Plotly.Fx.hover(node, [{ curveNumber, pointNumber }]);
  said.textContent = new DOMParser().parseFromString(words.replaceAll("<br>", ", "), "text/html").body.textContent;
}

// Called again by Streamlit on new data and on a change of theme.
export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".plot");
  const text = new TextDecoder().decode(data);
  if (text !== node.text) {
    const { figure, alt, isClickable } = JSON.parse(text);
    node.setAttribute("aria-label", alt);
    node.style.height = `${figure.layout.height}px`;
    node.tabIndex = isClickable ? 0 : -1;
    if (isClickable) node.setAttribute("aria-keyshortcuts", "ArrowDown ArrowUp Enter");
    Object.assign(node, { text, figure, isClickable, at: undefined });
  }
  node.answer = (codes) => {
    if (codes && node.isClickable) setTriggerValue("clicked", codes);
  };
  const said = parentElement.querySelector(".said");
  node.onkeydown = (event) => press(node, said, event);
  node.onblur = () => node.drawn && window.Plotly.Fx.unhover(node);
  node.leave ??= watch(node);
  drawIfNear(node);
  return node.leave;
}
