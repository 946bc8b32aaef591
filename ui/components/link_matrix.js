// Turns data into a table; kit.js stands before it.
function cell(tag, one, isWhole) {
  const box = make(tag);
  if (one.state) box.dataset.state = one.state;
  if (one.isWide) box.classList.add("wide");
  if (hasColour(one)) {
    box.classList.add("step");
    setStep(box, one.step);
  }
  // A picture says nothing that the words beside it do not say.
  const picture = pictureOf(one);
  if (picture) {
    picture.setAttribute("aria-hidden", "true");
    box.append(picture);
  }
  if (!one.to) {
    box.append(unbroken(one.text ?? ""));
    return box;
  }
  const link = make("a", isWhole ? "whole" : "", unbroken(one.text));
  link.href = one.to;
  if (one.label) link.setAttribute("aria-label", one.label);
  link.onclick = (event) => follow(event, one.to);
  box.append(link);
  return box;
}

// A number stays with its per cent, with what it is of and with the sign that it is modelled.
function unbroken(text) {
  const whole = text.replace(/(\d) \/ (\d)/g, "$1\u00a0/\u00a0$2");
  return whole.replace(/(\d) %/g, "$1\u00a0%").replace(/≈ (\d)/g, "≈\u00a0$1");
}

function hasColour(one) {
  return one.step !== null && one.step !== undefined;
}

function pictureOf({ spark, range, parts }) {
  if (spark) return drawSpark(spark);
  if (range) return drawRange(range);
  return parts && drawParts(parts);
}

// Shares from month to month; a month that is not known breaks the line.
function drawSpark(values) {
  const svg = draw("svg", { viewBox: "0 0 100 24", preserveAspectRatio: "none", class: "spark" });
  const top = Math.max(1, ...values.filter((value) => value !== null));
  const place = (value, i) => `${(100 * (i + 0.5)) / values.length} ${22 - (20 * value) / top}`;
  let path = "";
  values.forEach((value, i) => {
    if (value === null) return;
    const isJoined = i > 0 && values[i - 1] !== null;
    path += isJoined ? ` L${place(value, i)}` : ` M${place(value, i)}`;
  });
  svg.append(draw("path", { d: "M0 23H100", class: "ground" }), draw("path", { d: path, class: "line" }));
  // A line without length is a dot that no stretching makes an egg.
  const last = values.findLastIndex((value) => value !== null);
  if (last >= 0) svg.append(draw("path", { d: `M${place(values[last], last)}h0`, class: "dot" }));
  return svg;
}

// Claimed ◆, found ● with its interval, between the two ends of a scale.
function drawRange({ claimed, found, lower, upper, scale: [from, to] }) {
  const box = make("div", "range");
  const at = (share) => `${(100 * (Math.min(Math.max(share, from), to) - from)) / (to - from)}%`;
  const put = (className, share, end) => {
    const mark = make("i", className);
    mark.style.left = at(share);
    if (end !== undefined) mark.style.right = `calc(100% - ${at(end)})`;
    box.append(mark);
  };
  if (found !== null) {
    put("interval", lower, upper);
    put("found", found);
  }
  if (claimed !== null) put("claimed", claimed);
  return box;
}

// Shares of a whole beside each other, each with the name of its kind.
function drawParts(parts) {
  const box = make("div", "parts");
  for (const [kind, share] of parts) {
    const part = make("i", kind);
    part.style.width = `${100 * share}%`;
    box.append(part);
  }
  return box;
}

// A phone shows what a line mostly says once, and by its column only what differs.
function stackedCells(cells, columns) {
  const counts = new Map();
  for (const { text } of cells) counts.set(text, (counts.get(text) ?? 0) + 1);
  const [usual, n] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
  let isFirst = true;
  return cells.map((one, i) => {
    const box = cell("td", one);
    if (n > 1 && one.text === usual) {
      box.dataset.usual = isFirst ? `×${n}` : "";
      isFirst = false;
    } else {
      box.dataset.column = columns[i].name;
    }
    return box;
  });
}

export default function ({ data, parentElement }) {
  const { caption, corner, columns, lines, look } = JSON.parse(data.matrix);
  const region = parentElement.querySelector(".scroll");
  applyPalette(region);
  region.setAttribute("aria-label", caption);
  const [head, body] = ["thead", "tbody"].map((tag) => make(tag));
  const top = make("tr");
  const headings = columns.length ? [{ name: corner }, ...columns] : [];
  for (const { name, to } of headings) {
    const heading = cell("th", { text: name, to });
    heading.scope = "col";
    top.append(heading);
  }
  head.append(top);
  for (const { name, to, label, isGroup, cells } of lines) {
    const row = make("tr", isGroup ? "group" : "");
    const heading = cell("th", { text: name, to, label }, true);
    heading.scope = "row";
    const isStacked = look === "stacked" && cells.length;
    row.append(heading, ...(isStacked ? stackedCells(cells, columns) : cells.map((one) => cell("td", one))));
    body.append(row);
  }
  const table = region.querySelector("table");
  table.className = look;
  table.replaceChildren(head, body);
}
