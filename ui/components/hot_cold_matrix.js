export default function (component) {
  mount(component, { build: buildMatrix, next: nextCell, picture: matrixPicture });
}

// So many columns stand beside each other on a phone; more scroll.
const MOST_ON_PHONE = 7;

function buildMatrix(root, data) {
  const table = make("table", data.language === "en" ? "fits long" : "fits");
  table.classList.toggle("believed", isBelieved(data));
  table.classList.toggle("even", Boolean(data.is_even));
  table.classList.toggle("many", data.columns.length > MOST_ON_PHONE);
  table.lang = data.language;
  table.setAttribute("role", "grid");
  table.setAttribute("aria-label", data.title);
  table.style.setProperty("--columns", data.columns.length);
  const top = table.createTHead().insertRow();
  top.append(headingOf("col", data.corner));
  const city = data.rows.find((row) => row.kind === "city");
  data.columns.forEach(({ label }, i) => top.append(headingOf("col", label, city?.cells[i])));
  const body = table.createTBody();
  let kind = "";
  for (const row of data.rows) {
    const line = body.insertRow();
    line.className = row.kind === kind ? row.kind : `${row.kind} first-${row.kind}`;
    kind = row.kind;
    line.append(headingOf("row", row.label, row.cells[0]));
    for (const cell of row.cells) {
      const place = line.insertCell();
      if (cell.state === "not_due") continue;
      const node = button(cell, root);
      figures(cell, node);
      place.append(node);
    }
  }
  const scroll = make("div", "scroll");
  scroll.append(table);
  root.replaceChildren(head(data), scroll, legend(data.legend));
  // Noted as it happens: asking for it here would lay the whole page out.
  if (root.scrolled) scroll.scrollLeft = root.scrolled;
  const fade = () => {
    const rest = table.offsetWidth - scroll.clientWidth - scroll.scrollLeft;
    scroll.classList.toggle("more", rest > 4);
  };
  scroll.onscroll = () => {
    root.scrolled = scroll.scrollLeft;
    fade();
  };
  root.fit?.disconnect();
  root.fit = new ResizeObserver(() => {
    scroll.classList.toggle("whole", table.offsetWidth <= scroll.clientWidth + 4);
    fade();
  });
  for (const part of [scroll, table]) root.fit.observe(part);
}

// Whether any figure has a second line.
function isBelieved({ rows }) {
  return rows.some((row) => row.cells.some(beliefOf));
}

// A heading can be clicked like the cell that sums up its row or column.
function headingOf(scope, label, whole) {
  const heading = make("th", "", label);
  heading.scope = scope;
  if (whole && whole.state !== "not_due") heading.dataset.double = whole.id;
  return heading;
}

// The next cell in the direction of the key, over the gaps of pairs that do not exist.
function nextCell(root, node, key) {
  const td = node.closest("td");
  const row = [...td.parentNode.cells].map((cell) => cell.querySelector("[data-id]"));
  const lines = [...td.closest("tbody").rows];
  const column = lines.map((line) => line.cells[td.cellIndex].querySelector("[data-id]"));
  const x = td.cellIndex;
  const y = lines.indexOf(td.parentNode);
  const near = {
    ArrowRight: () => row.slice(x + 1).find(Boolean),
    ArrowLeft: () => row.slice(0, x).findLast(Boolean),
    ArrowDown: () => column.slice(y + 1).find(Boolean),
    ArrowUp: () => column.slice(0, y).findLast(Boolean),
    Home: () => row.find(Boolean),
    End: () => row.findLast(Boolean),
  };
  return near[key]?.();
}

function matrixPicture(data) {
  const first = data.language === "en" ? 230 : 120;
  const [wide, tall, gap] = [112, isBelieved(data) ? 40 : 32, 4];
  return {
    width: first + data.columns.length * wide,
    height: 30 + data.rows.length * tall,
    paint(ctx) {
      write(ctx, data.corner, 0, 14, { weight: 600 });
      data.columns.forEach(({ label }, i) => {
        const middle = first + (i + 0.5) * wide;
        write(ctx, label, middle, 14, { weight: 600, align: "center", room: wide - gap });
      });
      data.rows.forEach((row, j) => {
        const y = 30 + j * tall;
        write(ctx, row.label, 0, y + (tall - gap) / 2, { weight: 600, room: first - 8 });
        row.cells.forEach((cell, i) => {
          box(ctx, cell, first + i * wide, y, wide - gap, tall - gap);
        });
      });
    },
  };
}
