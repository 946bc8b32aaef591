// frame.css hides the rows of a container on a narrow screen while it does not say "open".
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const { dataset } = document.querySelector(`.st-key-${data.around}`);
  const say = () => button.setAttribute("aria-expanded", String(dataset.fold === "open"));
  button.textContent = data.words;
  button.onclick = () => {
    if (dataset.fold === "open") delete dataset.fold;
    else dataset.fold = "open";
    say();
  };
  say();
}
