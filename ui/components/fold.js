// frame.css hides the rows of a container on a narrow screen while it does not say "open".
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  // Looked up anew: where another choice takes the container away, the browser may draw
  // the button once more without it.
  const around = () => document.querySelector(`.st-key-${data.around}`);
  const isOpen = () => around()?.dataset.fold === "open";
  const say = () => button.setAttribute("aria-expanded", String(isOpen()));
  button.textContent = data.words;
  button.onclick = () => {
    around()?.setAttribute("data-fold", isOpen() ? "shut" : "open");
    say();
  };
  say();
}
