// Streamlit listens to popstate for going back and forward; a visit is a step forward.
function visit(address) {
  window.history.pushState({}, "", address);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

// Replaced, not pushed: going back must not stop at the bare address of a menu click.
function fillIn(query) {
  const { pathname, search, hash } = window.location;
  if (query && !search)
    window.history.replaceState(window.history.state, "", `${pathname}?${query}${hash}`);
}

function drawTrail(nav, { label, trail }) {
  nav.setAttribute("aria-label", label);
  const steps = JSON.parse(trail);
  nav.firstElementChild.replaceChildren(
    ...steps.map(({ name, to }, depth) => {
      const item = document.createElement("li");
      const isHere = depth === steps.length - 1;
      const step = document.createElement(isHere ? "span" : "a");
      step.textContent = name;
      if (isHere) step.setAttribute("aria-current", "page");
      else {
        step.href = to;
        step.onclick = (event) => {
          // With a key held the reader wants another tab.
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          visit(to);
        };
      }
      item.append(step);
      return item;
    }),
  );
}

export default function ({ data, parentElement }) {
  if (data.language) document.documentElement.lang = data.language;
  if (data.close)
    document.querySelector('[role="dialog"] button[aria-label="Close"]')?.click();
  if (data.query) fillIn(data.query);
  if (data.trail) drawTrail(parentElement.querySelector("nav"), data);
  if (data.visit) visit(data.visit);
}
