// Turning to an address of our own pages; stands before the script of every component
// that holds such links.

// Streamlit listens to popstate for going back and forward; a visit is a step forward.
// It may draw one visit twice when the machine is slow; only the first is a step.
function visit(address) {
  const { pathname, search, hash } = new URL(address, window.location.href);
  const { dataset } = document.documentElement;
  delete dataset.scrolled;
  delete dataset.choices; // of a phone: the next page is seen, not its controls
  if (pathname === window.location.pathname && isSame(search, window.location.search)) {
    if (hash) {
      window.history.replaceState(window.history.state, "", address);
      scrollToHash();
    }
    return;
  }
  window.history.pushState({}, "", address);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

function follow(event, address) {
  // With a key held the reader wants another tab.
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  visit(address);
}

// What an address names behind # is an id or the key of a part of the page. It is scrolled
// to once, when it has been drawn; a choice made afterwards does not scroll back.
function scrollToHash(frames = 120) {
  const { pathname, hash } = window.location;
  const { dataset } = document.documentElement;
  if (!hash || dataset.scrolled === pathname + hash) return;
  const name = decodeURIComponent(hash.slice(1));
  const part =
    document.getElementById(name) ?? document.querySelector(`.st-key-${CSS.escape(name)}`);
  if (part) {
    dataset.scrolled = pathname + hash;
    // Below the menu, which stays in place.
    part.style.scrollMarginTop = "4.5rem";
    part.scrollIntoView({ block: "start" });
  } else if (frames) requestAnimationFrame(() => scrollToHash(frames - 1));
}

function isSame(one, other) {
  const [a, b] = [one, other].map((query) => {
    const choices = new URLSearchParams(query);
    choices.sort();
    return choices.toString();
  });
  return a === b;
}

