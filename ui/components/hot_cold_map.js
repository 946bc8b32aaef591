const WIDE = 430; // from this width on, the inset stands in the map's empty corner

export default function (component) {
  mount(component, { build: buildMap, next: nearest, picture: mapPicture });
}

function buildMap(root, data) {
  root.watch?.disconnect();
  root.classList.toggle("small", Boolean(data.is_small));
  const sheet = make("div", "sheet");
  const box = make("div", "tiles");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", data.tiles_label);
  for (const tile of data.tiles) {
    const node = button(tile, root);
    const line = make("p");
    figures(tile, line);
    node.append(make("em", "", tile.label), line);
    box.append(node);
  }
  const below = make("div", "below");
  if (data.tiles.length) below.append(box);
  const parts = [head(data), sheet, below];
  parts.push(legend(data.legend), make("div", "note", data.note));
  root.replaceChildren(...parts);
  const lay = () => {
    const width = sheet.clientWidth;
    if (width !== root.laid) layMap(root, data, sheet, below, width);
    root.laid = width;
  };
  root.laid = 0;
  lay();
  // One observer at a time; it goes with the elements it watches.
  root.watch = new ResizeObserver(lay);
  root.watch.observe(sheet);
}

// Everything that depends on the width: view box, place of the inset, labels.
function layMap(root, data, sheet, below, width) {
  const isWide = width >= WIDE;
  const view = isWide ? data.box : data.land;
  sheet.replaceChildren(outlines(root, data, view, false));
  below.querySelector(".inset")?.remove();
  below.classList.toggle("split", !isWide && data.inset !== null);
  const parts = [[sheet, view, data.shapes.filter((shape) => !shape.small || !data.inset)]];
  if (data.inset) {
    const inset = layInset(root, data, isWide ? sheet : below, isWide && view);
    parts.push([inset, data.inset.source, data.shapes.filter((shape) => shape.small)]);
  }
  label(parts);
  makeReachable(root);
}

function layInset(root, data, parent, view) {
  const { source, place, label } = data.inset;
  const inset = make("div", `inset ${view ? "over" : "under"}`);
  const per = (part, whole) => `${(100 * part) / whole}%`;
  if (view) {
    inset.style.left = per(place[0] - view[0], view[2]);
    inset.style.top = per(place[1] - view[1], view[3]);
    inset.style.width = per(place[2], view[2]);
    inset.style.height = per(place[3], view[3]);
  }
  inset.append(outlines(root, data, source, true), make("div", "caption", label));
  parent[view ? "append" : "prepend"](inset);
  return inset;
}

// Small counties are buttons in the inset, the others in the map; the doubles can be
// clicked, but are hidden from keyboard and screen reader.
function outlines(root, data, view, isInset) {
  const svg = draw("svg", { viewBox: view.join(" "), role: "group", "aria-label": data.title });
  const id = isInset ? "hatch-inset" : "hatch";
  const unit = view[2] / 90;
  const pattern = draw("pattern", { id, width: unit, height: unit, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(draw("rect", { width: unit, height: unit, style: "fill:var(--ground)" }));
  pattern.append(draw("rect", { width: unit * 0.22, height: unit, style: "fill:var(--hatch)" }));
  const defs = draw("defs", {});
  defs.append(pattern);
  svg.append(defs);
  for (const shape of data.shapes) {
    const path = draw("path", { d: shape.path, class: "shape", "fill-rule": "evenodd" });
    svg.append(path);
    if (shape.state === "not_due") {
      path.classList.add("ground");
      continue;
    }
    if (shape.state === "not_reported") path.style.fill = `url(#${id})`;
    else if (hasFigures(shape) && hasStep(shape)) path.style.fill = `var(--b${shape.step + 3})`;
    else path.style.fill = "var(--ground)";
    if (!hasFigures(shape) || !hasStep(shape)) path.style.stroke = "var(--hatch)";
    if (data.inset && shape.small !== isInset) {
      path.dataset.double = shape.id;
      path.setAttribute("aria-hidden", "true");
      continue;
    }
    path.setAttribute("role", "button");
    enlist(path, shape, root);
  }
  if (!isInset && data.inset) {
    const [x, y, width, height] = data.inset.source;
    svg.append(draw("rect", { x, y, width, height, class: "frame" }));
  }
  return svg;
}

// Names and figures on map and inset. All are made before one is measured and measured
// before one is moved: each answer after a change would lay the page out anew.
function label(parts) {
  const made = parts.map(([parent, view, shapes]) => {
    const named = shapes.filter((shape) => shape.state !== "not_due");
    const nodes = named.map(labelOf);
    parent.append(...nodes);
    return { parent, view, named, nodes };
  });
  for (const box of made.flatMap(placesOf)) {
    // A name that reaches beyond its place lies on others: a plate of its own says whose.
    box.node.classList.toggle("plate", !box.holds);
    box.node.style.transform = `translate(${box.x - box.width / 2}px, ${box.y - box.height / 2}px)`;
  }
}

function labelOf(shape) {
  const node = make("div", `label ${hasFigures(shape) && hasStep(shape) ? "step" : "bare"}`);
  if (hasStep(shape)) setStep(node, shape.step);
  node.setAttribute("aria-hidden", "true");
  const value = marked("span", shape.mark || "", `${shape.text} `);
  value.append(` ${everySign(shape)}`);
  node.append(shape.label, value);
  if (doubtOf(shape)) node.append(make("span", "belief less", doubtOf(shape)));
  return node;
}

// The middle of each label on its part of the map, and whether its place holds it.
function placesOf({ parent, view, named, nodes }) {
  const { clientWidth, clientHeight } = parent;
  const scale = clientWidth / view[2];
  const boxes = named.map((shape, i) => ({
    node: nodes[i],
    width: nodes[i].offsetWidth,
    height: nodes[i].offsetHeight,
    x: (shape.x - view[0]) * scale,
    y: (shape.y - view[1]) * scale,
  }));
  spread(boxes, clientWidth, clientHeight);
  return boxes.map((box, i) => {
    const place = parent.querySelector(`path[data-id="${CSS.escape(named[i].id)}"]`);
    return { ...box, holds: holds(place, view, scale, box) };
  });
}

// Whether most of a label lies on its place: its middle, and all corners but one.
function holds(place, view, scale, { x, y, width, height }) {
  const isIn = (across, down) =>
    place.isPointInFill(new DOMPoint(view[0] + (x + across * width) / scale, view[1] + (y + down * height) / scale));
  const corners = [[-0.4, -0.4], [0.4, -0.4], [-0.4, 0.4], [0.4, 0.4]];
  return isIn(0, 0) && corners.filter((corner) => isIn(...corner)).length >= 3;
}

// On the map there is room only for what stands against a figure.
function doubtOf(shape) {
  return shape.finds_less ? beliefOf(shape) : (hasFigures(shape) && shape.flags) || "";
}

// Push overlapping labels apart along the shorter way, and keep them on the sheet.
function spread(boxes, width, height) {
  for (let round = 0; round < 60; round++) {
    let isMoved = false;
    for (const a of boxes) {
      for (const b of boxes) {
        if (a === b) break;
        const overX = (a.width + b.width) / 2 + 2 - Math.abs(a.x - b.x);
        const overY = (a.height + b.height) / 2 + 1 - Math.abs(a.y - b.y);
        if (overX <= 0 || overY <= 0) continue;
        isMoved = true;
        const axis = overX < overY ? "x" : "y";
        const push = (Math.min(overX, overY) / 2 + 0.1) * (a[axis] < b[axis] ? -1 : 1);
        a[axis] += push;
        b[axis] -= push;
      }
      a.x = Math.min(Math.max(a.x, a.width / 2), width - a.width / 2);
      a.y = Math.min(Math.max(a.y, a.height / 2), height - a.height / 2);
    }
    if (!isMoved) return;
  }
}

// The nearest neighbour in the direction of an arrow, as the eye sees it.
function nearest(root, node, key) {
  const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  if (!way) return null;
  const middle = (shape) => {
    const { left, top, width, height } = shape.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  };
  const [x, y] = middle(node);
  let best = null;
  let least = Infinity;
  for (const other of root.querySelectorAll("[data-id]")) {
    const [dx, dy] = [middle(other)[0] - x, middle(other)[1] - y];
    const along = dx * way[0] + dy * way[1];
    const aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
    const cost = along + 2 * aside;
    if (other !== node && along > 1 && cost < least) [best, least] = [other, cost];
  }
  return best;
}

function mapPicture(data) {
  const width = 760;
  const scale = width / data.box[2];
  const tall = data.box[3] * scale;
  const [columns, high] = [Math.min(5, data.tiles.length || 1), 54];
  const rows = Math.ceil(data.tiles.length / columns);
  return {
    width,
    height: tall + rows * (high + 6) + 10,
    paint(ctx) {
      paintView(ctx, data, data.box, [0, 0, width, tall], false);
      if (data.inset) {
        const [x, y, w, h] = data.inset.place;
        const at = [(x - data.box[0]) * scale, (y - data.box[1]) * scale, w * scale, h * scale];
        paintView(ctx, data, data.inset.source, at, true);
      }
      const part = (width + 6) / columns;
      data.tiles.forEach((tile, i) => {
        const x = (i % columns) * part;
        const y = tall + 10 + Math.floor(i / columns) * (high + 6);
        box(ctx, tile, x, y, part - 6, high, tile.label);
      });
    },
  };
}

function paintView(ctx, data, view, [left, top, width, height], isInset) {
  const scale = width / view[2];
  ctx.save();
  ctx.translate(left, top);
  ctx.beginPath();
  ctx.rect(0, 0, width, height);
  if (isInset) {
    ctx.fillStyle = PALETTES.light.page;
    ctx.fill();
  }
  ctx.save();
  ctx.clip();
  ctx.scale(scale, scale);
  ctx.translate(-view[0], -view[1]);
  for (const shape of data.shapes) {
    const path = new Path2D(shape.path);
    const [background] = inkOf(shape);
    ctx.fillStyle = shape.state === "not_due" ? "#ccd3db" : background;
    if (shape.state === "not_reported") {
      const pattern = stripes(ctx);
      pattern.setTransform(new DOMMatrix().scale(1 / scale));
      ctx.fillStyle = pattern;
    }
    ctx.fill(path, "evenodd");
    ctx.strokeStyle = hasFigures(shape) && hasStep(shape) ? PALETTES.light.page : PALETTES.light.hatch;
    ctx.lineWidth = 1.3 / scale;
    ctx.stroke(path);
  }
  ctx.restore();
  ctx.strokeStyle = PALETTES.light.hatch;
  ctx.lineWidth = 1;
  if (isInset) ctx.strokeRect(0, 0, width, height);
  else if (data.inset) {
    const [x, y, w, h] = data.inset.source;
    ctx.setLineDash([4, 3]);
    ctx.strokeRect((x - view[0]) * scale, (y - view[1]) * scale, w * scale, h * scale);
    ctx.setLineDash([]);
  }
  const boxes = data.shapes
    .filter((shape) => shape.state !== "not_due" && (!data.inset || shape.small === isInset))
    .map((shape) => {
      const value = `${shape.text} ${shape.mark || ""} ${everySign(shape)}`.trim();
      const doubt = doubtOf(shape);
      ctx.font = `700 13px ${ctx.fontFamily}`;
      const texts = [shape.label, value, doubt];
      const wide = Math.max(...texts.map((text) => ctx.measureText(text).width));
      const [x, y] = [(shape.x - view[0]) * scale, (shape.y - view[1]) * scale];
      return { shape, value, doubt, x, y, width: wide, height: doubt ? 45 : 31 };
    });
  spread(boxes, width, height);
  for (const { shape, value, doubt, x, y } of boxes) {
    const [halo, fill] = inkOf(shape);
    const top = doubt ? y - 14 : y - 7;
    write(ctx, shape.label, x, top, { weight: 700, align: "center", fill, halo });
    write(ctx, value, x, top + 15, { size: 12, align: "center", fill, halo });
    write(ctx, doubt, x, top + 29, { size: 10.5, weight: 700, align: "center", fill, halo });
  }
  if (isInset) write(ctx, data.inset.label, 6, height - 11, { size: 11, halo: PALETTES.light.page });
  ctx.restore();
}
