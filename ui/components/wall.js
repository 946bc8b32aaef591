// Kept while the page runs again, so that a new snapshot does not start the show anew.
const show = { at: 0, since: Date.now(), isPaused: false, touched: 0, fitted: [] };
const WIDTH = 1920;
const HEIGHT = 1080;
const UPRIGHT = 640;
const STEP_MS = 250;
const HANDS_OFF_MS = 4000;
const CHART_PLACES =
  '.st-key-wall :is([data-testid="stFullScreenFrame"], [data-testid="stFullScreenFrame"] > *)';
const SMALLEST = 0.4;
const STEP = 0.97;

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// Streamlit listens to popstate for going back and forward; a visit is a step forward.
function visit(event, address) {
  event.preventDefault();
  window.history.pushState({}, "", address);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

function slide(number) {
  return document.querySelector(`.st-key-slide-${number}`);
}

// The frame as large as the screen allows. A phone that is held upright is turned:
// upright the frame would be a strip of it.
function scale() {
  const root = document.documentElement;
  const isTurned = window.innerWidth < UPRIGHT && window.innerWidth < window.innerHeight;
  const sides = [window.innerWidth, window.innerHeight];
  const [width, height] = isTurned ? sides.reverse() : sides;
  root.toggleAttribute("data-wall-turned", isTurned);
  root.style.setProperty("--wall-zoom", Math.min(width / WIDTH, height / HEIGHT));
}

// A slide that holds more than the frame is drawn as much smaller as it takes, anew
// whenever what it holds has become larger or smaller.
function fit(number) {
  const box = slide(number);
  if (!box) return;
  const sizes = () => {
    const held = box.lastElementChild;
    return [box.scrollWidth, box.scrollHeight, held?.offsetWidth, held?.offsetHeight].join();
  };
  if (sizes() === show.fitted[number]) return;
  const draw = (size) => document.documentElement.style.setProperty(`--wall-fit-${number}`, size);
  const isOver = () => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;
  let size = 1;
  draw(size);
  while (isOver() && size > SMALLEST) draw((size *= STEP));
  show.fitted[number] = sizes();
}

// Streamlit draws a chart as large as its place is seen. In the frame it is seen smaller,
// or turned: it shall be drawn as large as it stands there. A pixel less makes it ask again.
function measureInFrame() {
  for (const place of document.querySelectorAll(CHART_PLACES)) {
    if (Object.hasOwn(place, "getBoundingClientRect")) continue;
    place.getBoundingClientRect = () => new DOMRect(0, 0, place.offsetWidth, place.offsetHeight);
    place.style.width = "calc(100% - 1px)";
  }
}

function turn(by, count) {
  show.at = (show.at + by + count) % count;
  show.since = Date.now();
}

export default function ({ data, parentElement }) {
  const { slides, seconds, words, leave, notice } = JSON.parse(data.show);
  const foot = parentElement.querySelector(".foot");
  const count = slides.length;
  const root = document.documentElement;

  const state = make("span", "state");
  const at = make("span", "at");
  state.setAttribute("role", "status");
  const controls = make("div", "controls");
  controls.setAttribute("role", "group");
  controls.setAttribute("aria-label", words.controls);
  const button = (text, act) => {
    const node = make("button", "", text);
    node.type = "button";
    node.onclick = act;
    return node;
  };
  const step = (by) => {
    turn(by, count);
    draw();
  };
  const pause = () => {
    show.isPaused = !show.isPaused;
    show.since = Date.now();
    draw();
  };
  const hold = button("", pause);
  const back = make("a", "", words.leave);
  back.href = leave;
  back.onclick = (event) => visit(event, leave);
  controls.append(button(words.previous, () => step(-1)), hold, button(words.next, () => step(1)), back);
  foot.replaceChildren(make("span", "notice", notice), controls, state, at);

  const say = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };
  function draw() {
    if (show.at >= count) show.at = 0;
    if (root.dataset.wall !== String(show.at)) root.dataset.wall = show.at;
    say(state, show.isPaused ? words.paused : "");
    say(hold, show.isPaused ? words.resume : words.pause);
    say(at, `${slides[show.at]} ${show.at + 1} / ${count} · ${words.every}`);
    foot.classList.toggle("touched", Date.now() - show.touched < HANDS_OFF_MS);
  }
  const tick = () => {
    scale();
    measureInFrame();
    for (let i = 0; i < count; i += 1) fit(i);
    if (!show.isPaused && Date.now() - show.since >= seconds * 1000) turn(1, count);
    draw();
  };
  const touch = () => {
    show.touched = Date.now();
    draw();
  };
  const press = (event) => {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isOnControl = target.closest?.("button, a, input, [data-id]");
    if (event.key === "Escape") visit(event, leave);
    else if (isOnControl) return;
    else if (event.key === " ") pause();
    else if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else return;
    event.preventDefault();
  };
  tick();
  const timer = setInterval(tick, STEP_MS);
  document.addEventListener("keydown", press);
  document.addEventListener("pointermove", touch);
  document.addEventListener("pointerdown", touch);
  return () => {
    clearInterval(timer);
    document.removeEventListener("keydown", press);
    document.removeEventListener("pointermove", touch);
    document.removeEventListener("pointerdown", touch);
    delete root.dataset.wall;
    delete root.dataset.wallTurned;
  };
}
