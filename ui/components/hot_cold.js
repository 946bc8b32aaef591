// Shared by matrix and map; kit.js stands before it.
function hasStep(cell) {
  return cell.step !== null && cell.step !== undefined;
}

// Colour a node by the state of its cell.
function dress(node, cell) {
  node.classList.add(cell.state);
  if (cell.partial) node.classList.add("partial");
  if (cell.state !== "value" && cell.state !== "over_100") return node;
  node.classList.add(hasStep(cell) ? "step" : "plain");
  if (hasStep(cell)) setStep(node, cell.step);
  return node;
}

function figures(cell, parent) {
  if (cell.state !== "value" && cell.state !== "over_100") {
    parent.append(make("span", "", cell.text));
    return;
  }
  const figure = make("span", "figure");
  figure.append(make("b", "", cell.text));
  if (cell.mark) figure.append(marked("small", cell.mark));
  parent.append(figure);
  const belief = beliefOf(cell);
  if (!belief) return;
  const line = make("span", "belief", belief);
  line.classList.toggle("less", Boolean(cell.finds_less));
  line.classList.toggle("wide", belief.length > MOST_BESIDE_SIGN);
  parent.append(line);
}

// Characters of a second line that leave the sign beside it its room.
const MOST_BESIDE_SIGN = 11;

// The second line: what checks support, whether that is less than claimed, and flags.
function beliefOf(cell) {
  if (!hasFigures(cell)) return "";
  // A line that has no room for all of it does not part a figure from its signs.
  const whole = (cell.support || "").replace(/^(\S)\s|\s(?=%)/g, "$1\u202f").replace("/", "/\u200b");
  const support = whole + (cell.finds_less ? "\u200b↓" : "");
  return [support, cell.flags].filter(Boolean).join(" ");
}

// "▼3" with a small triangle: full-width fonts draw it as large as the figure.
function marked(tag, mark, before = "") {
  const node = make(tag, "", before);
  const isSigned = /^[▲▼]/.test(mark);
  if (isSigned) node.append(make("span", "sign-of", mark[0]));
  node.append(isSigned ? mark.slice(1) : mark);
  return node;
}

// Signs in the corner: over 100 % and the class that the statistics gave.
function flags(cell) {
  return (cell.state === "over_100" ? "!" : "") + (cell.class_mark || "");
}

// The same where all signs stand in one place, with that of what is demanded.
function everySign(cell) {
  return flags(cell) + (cell.goal || "");
}

function button(cell, root) {
  const node = dress(make("button", "cell"), cell);
  node.type = "button";
  if (flags(cell)) node.append(make("i", "", flags(cell)));
  if (cell.goal) node.append(make("i", "goal", cell.goal));
  return enlist(node, cell, root);
}

// What can be clicked, focused and hovered, whether button or outline.
function enlist(node, cell, root) {
  node.dataset.id = cell.id;
  node.setAttribute("aria-label", cell.aria);
  if (cell.id === root.data.selected) {
    node.classList.add("selected");
    node.setAttribute("aria-current", "true");
  }
  node.tabIndex = -1;
  node.onfocus = () => {
    rove(root, node);
    if (node.matches(":focus-visible")) showTip(root, node);
  };
  node.onblur = () => hideTip(root);
  root.cells.set(cell.id, cell);
  return node;
}

// One stop for the Tab key; arrows move inside.
function rove(root, node) {
  root.querySelectorAll('[data-id][tabindex="0"]').forEach((old) => (old.tabIndex = -1));
  node.tabIndex = 0;
  root.at = node.dataset.id;
}

function showTip(root, node) {
  const cell = root.cells.get(node.dataset.id || node.dataset.double);
  const tip = root.querySelector(".tip");
  if (!tip) return;
  tip.replaceChildren(make("strong", "", cell.aria));
  if (hasFigures(cell)) {
    tip.append(make("div", "", cell.tip[0]), make("div", "counted", root.data.counted));
  }
  tip.hidden = false;
  const at = node.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const left = Math.min(at.left + at.width / 2 - own.width / 2, innerWidth - own.width - 6);
  const above = at.top - own.height - 7;
  tip.style.left = `${Math.max(6, left)}px`;
  tip.style.top = `${above > 4 ? above : at.bottom + 7}px`;
}

function hasFigures(cell) {
  return cell.state === "value" || cell.state === "over_100";
}

function hideTip(root) {
  const tip = root.querySelector(".tip");
  if (tip) tip.hidden = true;
}

function head(data) {
  const node = make("div", "head");
  const words = make("div");
  words.append(make("h2", "title", data.title));
  // Where the data come from stands on each page already; the image says it again.
  if (data.subtitle) words.append(make("div", "subtitle", data.subtitle));
  const save = make("button", "save", "PNG");
  save.type = "button";
  save.title = data.png;
  save.setAttribute("aria-label", `PNG ${data.png}`);
  node.append(words, save);
  return node;
}

function legend({ name, steps, ends, signs }) {
  const node = make("div", "legend");
  const scale = make("div", "scale");
  scale.append(make("div", "name", name));
  steps.forEach(([step], i) => {
    const swatch = make("span", `swatch step${i === steps.length - 1 ? " last" : ""}`);
    setStep(swatch, step);
    scale.append(swatch);
  });
  steps.forEach(([, range]) => scale.append(make("span", "range", range)));
  ends.forEach((end) => scale.append(make("span", "end", end)));
  node.append(scale);
  if (signs.length) {
    let list;
    for (const { state, mark, label, group } of signs) {
      if (!list || list.group !== group) {
        node.append((list = make("div", "signs")));
        if ((list.group = group)) list.append(make("b", "", group));
      }
      const sign = make("span", "sign");
      const sample = mark || (state === "over_100" ? "!" : "");
      if (state || mark) sign.append(make("i", state || "mark", sample));
      sign.append(make("span", "", label));
      list.append(sign);
    }
  }
  return node;
}

// Called again by Streamlit on new data and on a change of theme, never on a resize:
// handlers are assigned, so that a second call replaces the first.
function mount({ data, parentElement, setTriggerValue }, { build, next, picture }) {
  const root = parentElement.querySelector(".hot-cold");
  const text = new TextDecoder().decode(data);
  applyPalette(root);
  root.onclick = (event) => {
    if (event.target.closest(".save")) {
      save(root.data, picture, getComputedStyle(root).fontFamily);
      return;
    }
    const node = event.target.closest("[data-id], [data-double]");
    if (!node) return;
    hideTip(root);
    node.classList.add("going");
    const id = node.dataset.id || node.dataset.double;
    const isHere = id === (root.data.selected || "|");
    if (root.data.to && !isHere) visit(addressOf(root.data.to, id));
    else setTriggerValue("clicked", id);
  };
  root.onkeydown = (event) => {
    const node = event.target.closest("[data-id]");
    if (event.key === "Escape") hideTip(root);
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === "Enter" || event.key === " ") && node.tagName !== "BUTTON") {
      event.preventDefault();
      node.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      return;
    }
    const target = next(root, node, event.key);
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
    showTip(root, target);
  };
  root.onmouseover = (event) => {
    const node = event.target.closest("[data-id], [data-double]");
    if (node) showTip(root, node);
    else hideTip(root);
  };
  root.onmouseleave = () => hideTip(root);
  // The same bytes: only the theme changed, or the page ran for another reason.
  if (root.text === text) {
    root.querySelectorAll(".going").forEach((node) => node.classList.remove("going"));
    return;
  }
  const focused = parentElement.activeElement || parentElement.getRootNode().activeElement;
  const hadFocus = focused && root.contains(focused) && focused.dataset.id;
  root.text = text;
  root.data = JSON.parse(text);
  root.lang = root.data.language;
  root.cells = new Map();
  build(root, root.data);
  root.append(Object.assign(make("div", "tip"), { hidden: true, role: "tooltip" }));
  makeReachable(root);
  if (hadFocus) find(root, hadFocus)?.focus({ preventScroll: true });
}

// What a first click turns to: the address of all places, with this one in it.
function addressOf(to, id) {
  const names = ["unit", "sector"];
  const chosen = id.split("|").map((code, i) => code && `&${names[i]}=${encodeURIComponent(code)}`);
  return to + chosen.join("");
}

function find(root, id) {
  return root.querySelector(`[data-id="${CSS.escape(id || "none")}"]`);
}

// After drawing anew, the Tab key finds the place it left, else the selected cell.
function makeReachable(root) {
  const node = find(root, root.at) || find(root, root.data.selected);
  const reached = node || root.querySelector("[data-id]");
  if (reached) reached.tabIndex = 0;
}

// ---- The saved image: drawn on a canvas at double size, always on a light ground.
const SCALE = 2;
const MARGIN = 28;

function pen(canvas, width, height, font) {
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const ctx = canvas.getContext("2d");
  ctx.scale(SCALE, SCALE);
  ctx.fillStyle = PALETTES.light.page;
  ctx.fillRect(0, 0, width, height);
  ctx.fontFamily = font;
  return ctx;
}

function write(ctx, text, x, y, { size = 13, weight = 400, align = "left", fill, halo, room } = {}) {
  ctx.font = `${weight} ${size}px ${ctx.fontFamily}`;
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  if (halo) {
    ctx.lineJoin = "round";
    ctx.lineWidth = 3;
    ctx.strokeStyle = halo;
    ctx.strokeText(text, x, y, room);
  }
  ctx.fillStyle = fill || PALETTES.light.ink;
  ctx.fillText(text, x, y, room);
}

function stripes(ctx) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const brush = tile.getContext("2d");
  brush.strokeStyle = PALETTES.light.hatch;
  brush.lineWidth = 1.2;
  brush.beginPath();
  for (const shift of [-8, 0, 8]) {
    brush.moveTo(shift, 8);
    brush.lineTo(shift + 8, 0);
  }
  brush.stroke();
  return ctx.createPattern(tile, "repeat");
}

function inkOf(cell) {
  if (!hasFigures(cell) || !hasStep(cell)) return [PALETTES.light.page, PALETTES.light.ink];
  return PALETTES.light.pairs[cell.step + 3];
}

// A cell or a tile as a rounded box with its figures.
function box(ctx, cell, x, y, width, height, name) {
  if (cell.state === "not_due") return;
  const [background, ink] = inkOf(cell);
  ctx.beginPath();
  ctx.roundRect(x, y, width, height, 4);
  ctx.fillStyle = cell.state === "not_reported" ? stripes(ctx) : background;
  ctx.fill();
  if (!hasFigures(cell) || !hasStep(cell)) {
    ctx.strokeStyle = PALETTES.light.hatch;
    ctx.lineWidth = 1;
    ctx.stroke();
  } else if (cell.state === "over_100") {
    ctx.beginPath();
    ctx.roundRect(x + 2.5, y + 2.5, width - 5, height - 5, 3);
    ctx.strokeStyle = ink;
    ctx.lineWidth = 1;
    ctx.stroke();
  }
  const middle = x + width / 2;
  const belief = beliefOf(cell);
  const line = name ? y + height * (belief ? 0.5 : 0.68) : y + height * (belief ? 0.34 : 0.5);
  const text = `${cell.text}  ${cell.mark || ""}`.trim();
  const halo = hasFigures(cell) ? undefined : PALETTES.light.page;
  if (name) {
    const room = width - 8;
    write(ctx, name, middle, y + height * (belief ? 0.2 : 0.3), { size: 12, weight: 600, align: "center", fill: ink, halo, room });
  }
  write(ctx, text, middle, line, { weight: 600, align: "center", fill: ink, halo, room: width - 6 });
  if (belief) {
    const look = { size: 10.5, weight: cell.finds_less ? 700 : 400, align: "center", fill: ink };
    write(ctx, belief, middle, y + height * (name ? 0.8 : 0.76), { ...look, room: width - 6 });
  }
  write(ctx, everySign(cell), x + 6, y + 10, { size: 10, weight: 700, fill: ink });
  if (cell.partial) corner(ctx, x + width, y);
}

// The striped corner of a figure that some have not filed for.
function corner(ctx, right, top) {
  ctx.beginPath();
  ctx.moveTo(right - 13, top);
  ctx.lineTo(right, top);
  ctx.lineTo(right, top + 13);
  ctx.closePath();
  for (ctx.fillStyle of [PALETTES.light.page, stripes(ctx)]) ctx.fill();
}

function save(data, picture, font) {
  const { width, height, paint } = picture(data);
  const top = MARGIN + 26 + (data.subtitle ? 20 : 0) + (data.notice ? 20 : 0) + 12;
  const total = top + height + 84 + MARGIN;
  const canvas = document.createElement("canvas");
  const ctx = pen(canvas, width + 2 * MARGIN, total, font);
  let y = MARGIN + 10;
  write(ctx, data.title, MARGIN, y, { size: 18, weight: 700, room: width });
  if (data.subtitle) write(ctx, data.subtitle, MARGIN, (y += 24), { room: width });
  if (data.notice) write(ctx, data.notice, MARGIN, (y += 20), { weight: 600, room: width });
  ctx.save();
  ctx.translate(MARGIN, top);
  paint(ctx);
  ctx.restore();
  paintLegend(ctx, data, MARGIN, top + height + 24, width);
  canvas.toBlob((blob) => {
    const link = make("a");
    link.href = URL.createObjectURL(blob);
    link.download = data.file_name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }, "image/png");
}

function paintLegend(ctx, { legend: { name, steps, ends, signs }, note }, x, y, width) {
  const part = 62;
  write(ctx, name, x, y, { size: 12, weight: 600, room: width });
  steps.forEach(([step, range], i) => {
    ctx.fillStyle = PALETTES.light.pairs[step + 3][0];
    ctx.fillRect(x + i * part, y + 11, part, 12);
    write(ctx, range, x + (i + 0.5) * part, y + 32, { size: 10.5, align: "center" });
  });
  if (ends.length) {
    write(ctx, ends[0], x, y + 49, { size: 11.5, room: part * 3.4 });
    write(ctx, ends[1], x + 7 * part, y + 49, { size: 11.5, align: "right", room: part * 3.4 });
  }
  let right = x + 7 * part + 30;
  let line = y + 6;
  for (const { state, mark, label } of signs) {
    ctx.font = `400 12px ${ctx.fontFamily}`;
    const wide = 26 + ctx.measureText(label).width;
    if (right + wide > x + width) {
      right = x + 7 * part + 30;
      line += 20;
    }
    if (mark) write(ctx, mark, right + 10, line, { align: "center" });
    else if (state) {
      ctx.beginPath();
      ctx.roundRect(right, line - 7, 20, 14, 3);
      ctx.fillStyle = state === "not_reported" ? stripes(ctx) : PALETTES.light.page;
      ctx.fill();
      ctx.strokeStyle = PALETTES.light.ink;
      ctx.lineWidth = 0.8;
      ctx.stroke();
      if (state === "over_100") write(ctx, "!", right + 10, line, { size: 10, weight: 700, align: "center" });
      if (state === "partial") corner(ctx, right + 20, line - 7);
    }
    write(ctx, label, right + 26, line, { size: 12 });
    right += wide + 20;
  }
  if (note) write(ctx, note, x, y + 67, { size: 11.5 });
}
