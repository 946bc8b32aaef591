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

// What a reader sees is drawn first; the rest when nothing else is to be done.
function drawInTurn(node) {
  if (node.isNear) draw(node);
  else requestIdleCallback(() => draw(node), { timeout: 1000 });
}

function watch(node) {
  const sight = new IntersectionObserver((seen) => {
    node.isNear = seen.at(-1).isIntersecting;
    drawInTurn(node);
  });
  const size = new ResizeObserver((sizes) => {
    node.width = Math.floor(sizes.at(-1).contentRect.width);
    drawInTurn(node);
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

// Called again by Streamlit on new data and on a change of theme.
export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".plot");
  const text = new TextDecoder().decode(data);
  if (text !== node.text) {
    const { figure, alt, isClickable } = JSON.parse(text);
    node.setAttribute("aria-label", alt);
    node.style.height = `${figure.layout.height}px`;
    Object.assign(node, { text, figure, isClickable });
  }
  node.answer = (codes) => {
    if (codes && node.isClickable) setTriggerValue("clicked", codes);
  };
  node.leave ??= watch(node);
  drawInTurn(node);
  return node.leave;
}
