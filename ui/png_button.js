// Saves the figure that stands in the element of class data.target as a PNG with its
// title above and the origin of the data below: a figure, or a table of a component. A
// figure is SVG and a table fits into one, so the picture is made here from what is on
// the screen: no request, no library, no server time.
const SVG = "http://www.w3.org/2000/svg";
// Sharp on paper, also what stands in one column of several.
const LEAST_SCALE = 2, LEAST_WIDTH = 1200;
const PAD = 16;
const FONT = "'Middle Dot', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";

async function imageOf(drawing, width, height) {
  const svg = drawing.cloneNode(true);
  const { color, fontFamily } = getComputedStyle(drawing);
  Object.assign(svg.style, { color, fill: color, fontFamily });
  // A picture knows no font but those of the machine: the page's own rule comes along.
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  const faces = rules.filter((rule) => rule instanceof CSSFontFaceRule && /local\(/.test(rule.cssText));
  const style = document.createElementNS(SVG, "style");
  style.textContent = faces.map(({ cssText }) => cssText).join("");
  svg.prepend(style);
  const halos = svg.querySelectorAll(".haloed");
  drawing.querySelectorAll(".haloed").forEach((word, i) => {
    const { paintOrder, stroke, strokeWidth, strokeLinejoin } = getComputedStyle(word);
    Object.assign(halos[i].style, { paintOrder, stroke, strokeWidth, strokeLinejoin });
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  svg.style.background = "none";
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," +
    encodeURIComponent(new XMLSerializer().serializeToString(svg));
  await image.decode();
  return image;
}

// A copy of a table with all of its look written into it, for no sheet comes along.
function sheetOf(table) {
  const copy = table.cloneNode(true);
  const every = (root) => [root, ...root.querySelectorAll("*")];
  const copies = every(copy);
  every(table).forEach((node, i) => {
    const look = getComputedStyle(node);
    const said = [...look].map((name) => `${name}:${look.getPropertyValue(name)}`);
    copies[i].setAttribute("style", said.join(";"));
  });
  const svg = document.createElementNS(SVG, "svg");
  const box = document.createElementNS(SVG, "foreignObject");
  box.setAttribute("width", "100%");
  box.setAttribute("height", "100%");
  box.append(copy);
  svg.append(box);
  return svg;
}

// The figure, and it as SVG; nothing where there is none.
function find(target) {
  const box = document.querySelector(`.${CSS.escape(target)}`);
  const roots = [...(box?.querySelectorAll("*") ?? [])].map((node) => node.shadowRoot);
  const figures = roots.map((root) => root?.querySelector(".plot > svg, table")).filter(Boolean);
  const [figure] = figures;
  return figure ? [figure, figure.matches("svg") ? figure : sheetOf(figure)] : [];
}

function solidColour(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!/^(transparent|rgba\(.*, 0\))$/.test(colour)) return colour;
  }
  return "#ffffff";
}

// Canvas does not wrap. What stays together is a word of letters and figures, or else a
// single character: Chinese has no spaces.
const PIECES = /[\p{Script=Latin}\p{Number}.,:;%'’()–−-]+|./gsu;

function wrap(pen, text, width) {
  const lines = [""];
  for (const piece of text?.match(PIECES) ?? []) {
    const longer = lines.at(-1) + piece;
    if (lines.at(-1) && pen.measureText(longer).width > width) lines.push(piece.trim());
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

async function paint(plot, drawing, data) {
  const { width, height } = plot.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const blocks = [
    { text: data.title, font: `600 17px ${FONT}`, line: 24 },
    { text: data.subtitle, font: `13px ${FONT}`, line: 19 },
    { text: data.source, font: `12px ${FONT}`, line: 18 },
  ].map((block) => {
    pen.font = block.font;
    return { ...block, lines: block.text ? wrap(pen, block.text, width) : [] };
  });
  const size = (block) => block.lines.length * block.line;
  const above = PAD + size(blocks[0]) + size(blocks[1]) + 8;
  const scale = Math.max(LEAST_SCALE, LEAST_WIDTH / (width + 2 * PAD));
  canvas.width = scale * (width + 2 * PAD);
  canvas.height = scale * (above + height + 8 + size(blocks[2]) + PAD);
  pen.scale(scale, scale);
  pen.fillStyle = solidColour(plot);
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = getComputedStyle(plot).color;
  pen.textBaseline = "top";
  const write = (block, top) => {
    pen.font = block.font;
    block.lines.forEach((line, n) => pen.fillText(line, PAD, top + n * block.line));
  };
  write(blocks[0], PAD);
  write(blocks[1], PAD + size(blocks[0]));
  pen.drawImage(await imageOf(drawing, width, height), PAD, above, width, height);
  write(blocks[2], above + height + 8);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  button.textContent = "PNG";
  button.title = data.help;
  button.onclick = async () => {
    const [figure, drawing] = find(data.target);
    if (!figure) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await paint(figure, drawing, data));
    link.download = data.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
}
