const PAUSE_MS = 180; // after the last sign, before the server is queried

export default function ({ data, parentElement, setTriggerValue }) {
  const { words, query, found } = JSON.parse(data.search);
  const box = parentElement.querySelector("[role=search]");
  const [input, list, none, count] = ["input", "ul", ".none", ".count"].map((part) =>
    box.querySelector(part),
  );
  input.setAttribute("aria-label", words.label);
  input.placeholder = words.hint;
  list.setAttribute("aria-label", words.label);
  const typed = () => input.value.trim();
  let at = -1;

  const mark = (now) => {
    const options = [...list.children];
    at = list.hidden ? -1 : (now + options.length) % options.length;
    options.forEach((one, number) => one.setAttribute("aria-selected", String(number === at)));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    list.hidden = none.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark();
  };
  const go = (to) => {
    input.value = "";
    close();
    input.blur();
    visit(to);
  };
  const show = () => {
    list.replaceChildren(
      ...found.map(({ name, kind, to }, number) => {
        const item = document.createElement("li");
        item.id = `found-${number}`;
        item.role = "option";
        const [strong, small] = ["strong", "small"].map((tag) => document.createElement(tag));
        [strong.textContent, small.textContent] = [name, kind];
        item.append(strong, small);
        // Before the field loses the focus to the click.
        item.onpointerdown = (event) => event.preventDefault();
        item.onclick = () => go(to);
        return item;
      }),
    );
    list.hidden = !found.length;
    none.hidden = Boolean(found.length);
    none.textContent = words.none;
    count.textContent = found.length ? `${found.length}` : words.none;
    input.setAttribute("aria-expanded", String(Boolean(found.length)));
    mark(0);
  };

  // What comes late answers something that no longer stands there.
  if (query && query === typed() && box.matches(":focus-within")) show();
  else if (!typed()) close();

  input.oninput = () => {
    clearTimeout(box.pause);
    if (!typed()) return close();
    box.pause = setTimeout(() => setTriggerValue("query", typed()), PAUSE_MS);
  };
  input.onfocus = () => {
    if (typed()) input.oninput();
  };
  input.onblur = close;
  input.onkeydown = (event) => {
    if (event.isComposing) return; // Enter that ends an input of Chinese
    const isOpen = !list.hidden;
    if (event.key === "ArrowDown" && isOpen) mark(at + 1);
    else if (event.key === "ArrowUp" && isOpen) mark(at - 1);
    else if (event.key === "Enter" && isOpen && query === typed()) go(found[at].to);
    else if (event.key === "Escape") {
      if (!isOpen) input.value = "";
      close();
    } else return;
    event.preventDefault();
  };
  // One key leads here from anywhere, unless something is being typed.
  document.onkeydown = (event) => {
    const target = event.composedPath()[0];
    const isTyping = target.matches?.("input, textarea, select, [contenteditable=true]");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  };
}
