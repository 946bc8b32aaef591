// Lines, bars and dots as SVG, from the part of plotly's figure schema that
// reports/figures writes. A word of the schema that is not known here is an error: a
// picture says all that its figure holds, or the page says that it does not.
const LINE_HEIGHT = 1.3; // of a text, times its size
const ASCENT = 0.36; // from the middle of a line to the foot of its letters
const BOX = 2; // pixels between a label's text and the place it is anchored by
const DAY = /^\d{4}-\d{2}-\d{2}/;
const ENTITIES = { lt: "<", gt: ">", amp: "&" };
const DASHES = { solid: "none", dash: "9 9", dot: "3 3" };
const ACROSS = { left: -1, center: 0, right: 1 };
const DOWN = { top: -1, middle: 0, bottom: 1 };
// Outlines around the middle of a mark of radius r.
const SYMBOLS = {
  circle: (r) => `M${r},0A${r},${r} 0 1,1 0,${-r}A${r},${r} 0 0,1 ${r},0Z`,
  diamond: (r) => `M${1.3 * r},0L0,${1.3 * r}L${-1.3 * r},0L0,${-1.3 * r}Z`,
  square: (r) => `M${-r},${-r}H${r}V${r}H${-r}Z`,
  "triangle-up": (r) => `M${-1.15 * r},${r / 2}H${1.15 * r}L0,${-r}Z`,
  "x-thin": (r) => `M${r},${r}L${-r},${-r}M${r},${-r}L${-r},${r}`,
};
// Strokes of a tile of so many pixels; their width in distances between two strokes, so
// that they cover as much as the solidity says.
const rising = (a) =>
  `M${-a / 4},${a / 4}L${a / 4},${-a / 4}M0,${a}L${a},0M${0.75 * a},${1.25 * a}L${1.25 * a},${0.75 * a}`;
const falling = (a) =>
  `M${-a / 4},${0.75 * a}L${a / 4},${1.25 * a}M0,0L${a},${a}M${0.75 * a},${-a / 4}L${1.25 * a},${a / 4}`;
const HATCHES = {
  "/": { path: rising, scale: Math.SQRT2, width: (share) => share },
  x: { path: (a) => rising(a) + falling(a), scale: Math.SQRT2, width: (share) => 1 - Math.sqrt(1 - share) },
  ".": { path: (a) => `M${a / 2},${a / 2}v0.01`, scale: 1, width: (share) => 2 * Math.sqrt(share / Math.PI) },
};
let nPainted = 0; // names of what a drawing refers to

function known(table, name, what) {
  if (name in table) return table[name];
  throw new Error(`a picture cannot be drawn: ${what} ${JSON.stringify(name)} is not known`);
}

// One for all, or one a mark.
function at(value, i) {
  return Array.isArray(value) ? value[i] : value;
}

// ---- text

// Markup as lines of pieces; tags that figures do not write stay what they are, letters.
function readMarkup(text) {
  const lines = [[]],
    open = [{}];
  for (const part of text.split(/(<br>|<\/?b>|<span style='color:[^'<>]*'>|<\/span>)/)) {
    const [, color] = part.match(/^<span style='color:(.*)'>$/) ?? [];
    if (part === "<br>") lines.push([]);
    else if (part === "<b>") open.push({ ...open.at(-1), weight: 600 });
    else if (color) open.push({ ...open.at(-1), color });
    else if (part === "</b>" || part === "</span>") open.pop();
    else if (part) {
      const said = part.replace(/&(lt|gt|amp);/g, (_, name) => ENTITIES[name]);
      lines.at(-1).push({ said, ...open.at(-1) });
    }
  }
  return lines;
}

function plainOf(text) {
  return readMarkup(text)
    .map((line) => line.map(({ said }) => said).join(""))
    .join("\n");
}

// The colour of a mark is too pale for words on either ground: it is mixed with the ink.
// Words on a mark are white, whatever the ground.
const ON_MARK = "#ffffff";

function inked(color) {
  return color && color !== ON_MARK ? `color-mix(in srgb, ${color} 75%, currentcolor)` : color;
}

// A text whose first line has its middle at y.
function write(parent, text, x, y, { size, color, anchor = "start", opacity, isHaloed }) {
  const node = draw("text", { "font-size": size, "text-anchor": anchor });
  if (color) node.setAttribute("fill", color);
  if (opacity !== undefined) node.setAttribute("opacity", opacity);
  if (isHaloed) node.setAttribute("class", "haloed");
  readMarkup(text).forEach((line, n) => {
    for (const [i, { said, color, weight }] of line.entries()) {
      const piece = draw("tspan", i ? {} : { x, y: y + (ASCENT + n * LINE_HEIGHT) * size });
      if (color) piece.setAttribute("fill", color);
      if (weight) piece.setAttribute("font-weight", weight);
      piece.textContent = said;
      node.append(piece);
    }
  });
  parent.append(node);
}

// ---- axes

function numberOf(value, { type, categoryarray }) {
  if (value === null || value === undefined) return NaN;
  if (type === "category" && typeof value === "string") {
    const place = categoryarray.indexOf(value);
    if (place < 0) throw new Error(`a picture cannot be drawn: its axis has no ${value}`);
    return place;
  }
  if (type === "date")
    return Date.parse(DAY.test(value) && value.length > 10 ? `${value.replace(" ", "T")}Z` : value);
  if (type === "log") return Math.log10(value);
  if (typeof value !== "number") throw new Error(`a picture cannot be drawn: ${value} is no number`);
  return value;
}

// An axis of the layout as pixels: `start` and `end` are those of its range, `low` and
// `high` the lesser and the greater of the two.
function measureAxis(layout, name, area) {
  const letter = name[0],
    axis = layout[`${letter}axis${name.slice(1)}`] ?? { visible: false };
  const [from, to] = axis.domain ?? [0, 1];
  const [start, end] =
    letter === "x"
      ? [area.left + from * area.width, area.left + to * area.width]
      : [area.top + (1 - from) * area.height, area.top + (1 - to) * area.height];
  // The ends of a range of shares of a logarithm are exponents, those of days are days.
  const [first, last] = (axis.range ?? [0, 1]).map((value) =>
    axis.type === "log" ? value : numberOf(value, axis),
  );
  const scale = (value) => start + ((value - first) / (last - first)) * (end - start);
  return {
    ...axis,
    name,
    letter,
    start,
    end,
    low: Math.min(start, end),
    high: Math.max(start, end),
    scale,
    place: (value) => scale(numberOf(value, axis)),
    number: (value) => numberOf(value, axis),
  };
}

// Where a shape or a label stands that names the axis, its domain or the whole paper.
function placer(area, axes, letter, ref = letter) {
  if (ref === "paper") {
    const { left, top, width, height } = area;
    return letter === "x" ? (share) => left + share * width : (share) => top + (1 - share) * height;
  }
  const axis = axes[ref.split(" ")[0]];
  if (ref.endsWith(" domain")) return (share) => axis.start + share * (axis.end - axis.start);
  return axis.place;
}

// Whether a tick lies on the axis; one at its very end may be a rounding beyond it.
function reaches({ low, high }, at) {
  return at >= low - 1 && at <= high + 1;
}

function drawGrid(ground, pairs) {
  const drawn = new Set();
  for (const [x, y] of pairs) {
    for (const [axis, other] of [
      [x, y],
      [y, x],
    ]) {
      const name = `${axis.name} ${other.name}`;
      if (drawn.has(name) || axis.visible === false || axis.showgrid === false) continue;
      drawn.add(name);
      for (const value of axis.tickvals ?? []) {
        const at = axis.place(value);
        if (!reaches(axis, at)) continue;
        const d =
          axis.letter === "x" ? `M${at},${other.start}V${other.end}` : `M${other.start},${at}H${other.end}`;
        ground.append(draw("path", { d, stroke: axis.gridcolor }));
      }
    }
  }
}

function drawTicks(words, axis, axes, layout) {
  if (axis.visible === false) return;
  const size = axis.tickfont?.size ?? layout.font.size;
  const gap = axis.ticklabelstandoff ?? 0;
  const other = axes[axis.anchor ?? (axis.letter === "x" ? "y" : "x")];
  const isTop = axis.side === "top";
  if (axis.showticklabels !== false) {
    axis.tickvals.forEach((value, i) => {
      const at = axis.place(value),
        text = axis.ticktext[i];
      if (!reaches(axis, at)) return;
      if (axis.letter === "x") {
        const y = isTop ? other.end - gap - 0.6 * size : other.start + gap + 0.8 * size;
        write(words, text, at, y, { size, anchor: "middle" });
      } else {
        const y = at - ((readMarkup(text).length - 1) / 2) * LINE_HEIGHT * size;
        write(words, text, other.start - gap - 2, y, { size, anchor: "end" });
      }
    });
  }
  if (axis.title) {
    const middle = (axis.start + axis.end) / 2;
    write(words, axis.title.text, middle, other.start + gap + 2.4 * size, {
      size: layout.font.size,
      anchor: "middle",
    });
  }
}

// ---- marks

function fillOf(svg, marker, i) {
  const color = at(marker.color, i),
    { pattern } = marker;
  if (!pattern) return color;
  const { path, scale, width } = known(HATCHES, pattern.shape, "a pattern");
  const apart = pattern.size ?? 8,
    size = scale * apart,
    id = `hatch-${++nPainted}`;
  const tile = draw("pattern", { id, width: size, height: size, patternUnits: "userSpaceOnUse" });
  tile.append(
    draw("path", {
      d: path(size),
      stroke: at(pattern.fgcolor, i) ?? color,
      "stroke-opacity": pattern.fgopacity ?? 1,
      "stroke-width": apart * width(pattern.solidity),
      "stroke-linecap": pattern.shape === "." ? "round" : "butt",
    }),
  );
  svg.querySelector("defs").append(tile);
  return `url(#${id})`;
}

function drawBars(picture, traces, axes, layout) {
  const sums = new Map();
  const { barmode, bargap = 0.2 } = layout;
  if (traces.length > 1 && !barmode)
    throw new Error("a picture cannot be drawn: bars beside each other are not known");
  for (const trace of traces) {
    const isLying = trace.orientation === "h";
    const [along, across] = isLying ? ["x", "y"] : ["y", "x"];
    const [length, place] = [along, across].map((letter) => axes[trace[`${letter}axis`] ?? letter]);
    const places = trace[across].map(place.number);
    const apart = [...places]
      .sort((a, b) => a - b)
      .map((value, i, all) => value - all[i - 1])
      .filter((gap) => gap > 0);
    const width = trace.width ?? Math.min(...apart, place.type === "date" ? Infinity : 1) * (1 - bargap);
    const group = holderOf(picture, trace);
    trace[along].forEach((value, i) => {
      if (value === null) return;
      const key = `${length.name}|${place.name}|${trace[across][i]}|${value < 0}`;
      const base = at(trace.base, i) ?? (barmode === "stack" ? (sums.get(key) ?? 0) : 0);
      sums.set(key, base + value);
      const ends = [base, base + value].map(length.scale);
      const sides = [places[i] - width / 2, places[i] + width / 2].map(place.scale);
      const [x, y] = isLying ? [ends, sides] : [sides, ends];
      const box = {
        x: Math.min(...x),
        y: Math.min(...y),
        width: Math.abs(x[1] - x[0]),
        height: Math.abs(y[1] - y[0]),
      };
      const { line } = trace.marker;
      const edge = line ? { stroke: line.color, "stroke-width": line.width } : {};
      group.append(
        draw("rect", { ...box, fill: fillOf(picture.svg, trace.marker, i), ...edge, class: "mark" }),
      );
      answerFor(picture, trace, i, {
        left: box.x,
        right: box.x + box.width,
        top: box.y,
        bottom: box.y + box.height,
        r: 0,
      });
      if (trace.text?.[i]) writeOnBar(picture.words, trace, i, box, layout);
    });
  }
}

function writeOnBar(words, trace, i, box, layout) {
  const size = trace.textfont?.size ?? layout.font.size;
  const y = box.y + box.height / 2;
  if (trace.orientation !== "h")
    throw new Error("a picture cannot be drawn: words on standing bars are not known");
  const [x, anchor] = known(
    { inside: [box.x + box.width / 2, "middle"], outside: [box.x + box.width + 3, "start"] },
    trace.textposition,
    "the place of a text",
  );
  write(words, trace.text[i], x, y, { size, anchor, color: trace.textfont?.color });
}

// The outline through points; one that is missing leaves a gap.
function outline(points, shape = "linear") {
  let d = "",
    isOpen = false;
  for (const [x, y] of points) {
    if (Number.isNaN(x) || Number.isNaN(y)) isOpen = false;
    else {
      d += !isOpen
        ? `M${x},${y}`
        : known({ linear: `L${x},${y}`, hv: `H${x}V${y}` }, shape, "the shape of a line");
      isOpen = true;
    }
  }
  return d;
}

function drawArea(group, trace, points, before, y) {
  const isThere = ([across, up]) => !Number.isNaN(across) && !Number.isNaN(up);
  const ends = points.filter(isThere);
  if (!ends.length) return;
  const zero = Math.min(Math.max(y.scale(0), y.low), y.high);
  const back = known(
    {
      tozeroy: [
        [ends.at(-1)[0], zero],
        [ends[0][0], zero],
      ],
      tonexty: before?.filter(isThere).toReversed(),
    },
    trace.fill,
    "a filling",
  );
  const d = `${outline(ends)}${outline(back).replace(/^M/, "L")}Z`;
  group.append(draw("path", { d, fill: trace.fillcolor }));
}

function drawPoints(picture, trace, axes, before, layout) {
  const [x, y] = ["x", "y"].map((letter) => axes[trace[`${letter}axis`] ?? letter]);
  const points = trace.x.map((value, i) => [x.place(value), y.place(trace.y[i])]);
  const modes = (trace.mode ?? "lines").split("+");
  modes.forEach((mode) => known({ lines: 1, markers: 1, text: 1 }, mode, "the mode"));
  const group = holderOf(picture, trace);
  if (trace.fill) drawArea(group, trace, points, before, y);
  if (modes.includes("lines")) {
    const { color, width = 2, dash = "solid", shape } = trace.line;
    const look = {
      fill: "none",
      stroke: color,
      "stroke-width": width,
      "stroke-dasharray": known(DASHES, dash, "a dash"),
    };
    const d = outline(points, shape);
    if (d) group.append(draw("path", { d, ...look }));
  }
  const arms = trace.error_x,
    isMarked = modes.includes("markers");
  points.forEach(([px, py], i) => {
    if (Number.isNaN(px) || Number.isNaN(py)) return;
    if (arms) {
      const [from, to] = [trace.x[i] - arms.arrayminus[i], trace.x[i] + arms.array[i]].map(x.place);
      const half = arms.width,
        d = `M${from},${py - half}v${2 * half}M${from},${py}H${to}M${to},${py - half}v${2 * half}`;
      group.append(draw("path", { d, fill: "none", stroke: arms.color, "stroke-width": arms.thickness }));
    }
    const { marker } = trace,
      r = isMarked ? at(marker.size, i) / 2 : 0;
    if (isMarked) {
      const [symbol, isOpen] = (at(marker.symbol, i) ?? "circle").split(/-(?=open$)/);
      const d = known(SYMBOLS, symbol, "a mark")(r),
        color = at(marker.color, i),
        line = marker.line ?? {};
      const edge = isOpen ? color : at(line.color, i);
      const look = { fill: isOpen ? "none" : color, "stroke-width": at(line.width, i) ?? (isOpen ? 1 : 0) };
      const mark = draw("path", { d, transform: `translate(${px},${py})`, ...look, class: "mark" });
      if (edge && look["stroke-width"]) mark.setAttribute("stroke", edge);
      if (marker.opacity !== undefined) mark.setAttribute("opacity", marker.opacity);
      group.append(mark);
    }
    answerFor(picture, trace, i, { left: px, right: px, top: py, bottom: py, r });
    if (modes.includes("text") && at(trace.text, i)) {
      const [upright, level] = at(trace.textposition, i).split(" ");
      const [dx, dy] = [known(ACROSS, level, "the side"), known(DOWN, upright, "the side")];
      const { size = layout.font.size, shadow } = trace.textfont ?? {};
      const anchor = ["end", "middle", "start"][dx + 1];
      write(picture.names, at(trace.text, i), px + dx * (r + 3), py + dy * (r + 0.7 * size), {
        size,
        anchor,
        isHaloed: shadow,
      });
    }
  });
  return points;
}

// What is not to reach beyond the axes stands in a group that is cut there.
function holderOf({ svg, layers }, trace) {
  const group = draw("g", { class: "trace" });
  if (trace.cliponaxis !== false)
    group.setAttribute("clip-path", `url(#${svg.querySelector("clipPath").id})`);
  layers[trace.type === "bar" ? "bars" : "points"].append(group);
  return group;
}

// A mark that says something, with the box a pointer meets it in.
function answerFor(picture, trace, i, box) {
  if (trace.hoverinfo === "skip") return;
  picture.marks.push({ ...box, words: plainOf(trace.hovertext[i]), codes: trace.customdata?.[i] });
}

// ---- what stands around the marks

// Both ends of a shape in pixels, no further than its axis goes; none where it lies beyond.
function endsOf(shape, letter, area, axes) {
  const ref = shape[`${letter}ref`] ?? letter;
  const ends = [shape[`${letter}0`], shape[`${letter}1`]].map(placer(area, axes, letter, ref));
  if (!(ref in axes)) return ends;
  const { low, high } = axes[ref];
  if (Math.max(...ends) < low || Math.min(...ends) > high) return null;
  return ends.map((end) => Math.min(Math.max(end, low), high));
}

function drawShape(picture, shape, area, axes) {
  const { line = {} } = shape;
  const look = {
    fill: shape.fillcolor ?? "none",
    stroke: line.width ? line.color : "none",
    "stroke-width": line.width ?? 0,
    "stroke-dasharray": known(DASHES, line.dash ?? "solid", "a dash"),
  };
  if (shape.opacity !== undefined) look.opacity = shape.opacity;
  const layer = known({ below: picture.layers.below, above: picture.layers.above }, shape.layer, "a layer");
  if (shape.type === "path") {
    // Measured in pixels, upwards, from the place it is anchored to.
    const [x, y] = ["x", "y"].map((letter) => axes[letter].place(shape[`${letter}anchor`]));
    layer.append(draw("path", { ...look, d: shape.path, transform: `translate(${x},${y}) scale(1,-1)` }));
    return;
  }
  const [x, y] = ["x", "y"].map((letter) => endsOf(shape, letter, area, axes));
  if (!x || !y) return;
  const outlines = {
    line: `M${x[0]},${y[0]}L${x[1]},${y[1]}`,
    rect: `M${x[0]},${y[0]}H${x[1]}V${y[1]}H${x[0]}Z`,
  };
  layer.append(draw("path", { ...look, d: known(outlines, shape.type, "a shape") }));
}

// Without a word for it, a label is anchored by the side that is nearest on the paper.
function sideOf(anchor, ref, share, names) {
  if (anchor) return anchor;
  if (!/paper|domain/.test(ref ?? "")) return names[1];
  return names[share < 1 / 3 ? 0 : share > 2 / 3 ? 2 : 1];
}

function drawLabel(picture, label, area, axes, layout) {
  const size = label.font?.size ?? layout.font.size;
  const lines = readMarkup(label.text).length;
  const across = sideOf(label.xanchor, label.xref, label.x, ["left", "center", "right"]);
  const upright = sideOf(label.yanchor, label.yref, label.y, ["bottom", "middle", "top"]);
  const dx = known(ACROSS, across, "the side");
  const x = placer(area, axes, "x", label.xref)(label.x) + (label.xshift ?? 0) - dx * BOX;
  const y = placer(area, axes, "y", label.yref)(label.y) - (label.yshift ?? 0);
  const high = LINE_HEIGHT * size * lines;
  const edge = { top: y + BOX, middle: y - high / 2, bottom: y - high - BOX };
  const first = known(edge, upright, "the side") + (LINE_HEIGHT * size) / 2;
  const look = { size, color: inked(label.font?.color), opacity: label.opacity, isHaloed: label.font?.shadow };
  write(picture.words, label.text, x, first, { ...look, anchor: ["start", "middle", "end"][dx + 1] });
}

// A word that the right edge of a narrow screen would cut moves in from it; asked of all
// before one is moved, once the drawing stands in the page.
function keepInside(svg, width) {
  const words = [...svg.querySelectorAll("text")];
  const moves = words.map((word) => {
    const { x, width: wide } = word.getBBox();
    return Math.min(x + wide - width, x);
  });
  words.forEach((word, i) => {
    if (moves[i] > 0) word.setAttribute("transform", `translate(${-moves[i]},0)`);
  });
}

// The figure at this width: the drawing and its marks in the order in which they lie.
function drawFigure({ data, layout }, width) {
  const { height, margin } = layout;
  const area = {
    left: margin.l,
    top: margin.t,
    width: Math.max(width - margin.l - margin.r, 1),
    height: height - margin.t - margin.b,
  };
  const svg = draw("svg", {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    "font-size": layout.font.size,
    "aria-hidden": true,
  });
  const clip = draw("clipPath", { id: `clip-${++nPainted}` });
  clip.append(draw("rect", { x: area.left, y: area.top, width: area.width, height: area.height }));
  const defs = draw("defs", {}),
    [words, names] = ["words", "names"].map((name) => draw("g", { class: name }));
  defs.append(clip);
  const layers = Object.fromEntries(
    ["ground", "below", "bars", "points", "above"].map((name) => [name, draw("g", { class: name })]),
  );
  svg.append(defs, ...Object.values(layers), names, words);
  const picture = { svg, layers, words, names, marks: [] };
  const axisNames = Object.keys(layout)
    .filter((name) => /^[xy]axis\d*$/.test(name))
    .map((name) => name.replace("axis", ""));
  const axes = Object.fromEntries(
    ["x", "y", ...axisNames].map((name) => [name, measureAxis(layout, name, area)]),
  );
  drawGrid(
    layers.ground,
    data.map((trace) => [axes[trace.xaxis ?? "x"], axes[trace.yaxis ?? "y"]]),
  );
  for (const shape of layout.shapes ?? []) drawShape(picture, shape, area, axes);
  const [bars, others] = [
    data.filter(({ type }) => type === "bar"),
    data.filter(({ type }) => type !== "bar"),
  ];
  drawBars(picture, bars, axes, layout);
  let before;
  for (const trace of others) {
    known({ scatter: 1 }, trace.type, "the type");
    before = drawPoints(picture, trace, axes, before, layout);
  }
  for (const name of axisNames) drawTicks(words, axes[name], axes, layout);
  for (const label of layout.annotations ?? []) drawLabel(picture, label, area, axes, layout);
  if (layout.title) {
    const { text, font, pad } = layout.title;
    write(words, text, pad.l, pad.t + (LINE_HEIGHT * font.size) / 2, { size: font.size });
  }
  return picture;
}
