// The document's language, and the address of what is on the screen. The address is
// replaced, not pushed: going back must not stop at the bare address of a menu click.
export default function ({ data }) {
  document.documentElement.lang = data.language;
  if (data.query && !document.location.search) {
    const { pathname, hash } = document.location;
    window.history.replaceState(window.history.state, "", `${pathname}?${data.query}${hash}`);
  }
}
