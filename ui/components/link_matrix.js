// Streamlit listens to popstate for going back and forward; a visit is a step forward.
function visit(event, address) {
  // With a key held the reader wants another tab.
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  window.history.pushState({}, "", address);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

function cell(tag, text, to, label, state) {
  const box = document.createElement(tag);
  if (state) box.dataset.state = state;
  if (!to) {
    box.textContent = text;
    return box;
  }
  const link = document.createElement("a");
  link.textContent = text;
  link.href = to;
  if (label) link.setAttribute("aria-label", label);
  link.onclick = (event) => visit(event, to);
  box.append(link);
  return box;
}

export default function ({ data, parentElement }) {
  const { caption, corner, columns, lines } = JSON.parse(data.matrix);
  const region = parentElement.querySelector(".scroll");
  region.setAttribute("aria-label", caption);
  const [head, body] = ["thead", "tbody"].map((tag) => document.createElement(tag));
  const top = document.createElement("tr");
  for (const { name, to } of [{ name: corner }, ...columns]) {
    const heading = cell("th", name, to);
    heading.scope = "col";
    top.append(heading);
  }
  head.append(top);
  for (const { name, to, isGroup, cells } of lines) {
    const row = document.createElement("tr");
    if (isGroup) row.className = "group";
    const heading = cell("th", name, to);
    heading.scope = "row";
    row.append(heading, ...cells.map((one) => cell("td", one.text, one.to, one.label, one.state)));
    body.append(row);
  }
  region.querySelector("table").replaceChildren(head, body);
}
