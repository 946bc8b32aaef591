// frame.css hides the controls of a narrow screen while the document does not say "open".
export default function ({ data, parentElement }) {
  const { label, words } = JSON.parse(data.chips);
  const row = parentElement.querySelector("button");
  const { dataset } = document.documentElement;
  const say = () => row.setAttribute("aria-expanded", String(dataset.choices === "open"));
  row.setAttribute("aria-label", `${label} ${words.join(" · ")}`);
  row.replaceChildren(
    ...words.map((word) => {
      const chip = document.createElement("span");
      chip.textContent = word;
      // A month is read to its end: what is long gives way.
      chip.style.flexShrink = word.length > 12 ? 1 : 0;
      return chip;
    }),
  );
  row.onclick = () => {
    if (dataset.choices === "open") delete dataset.choices;
    else dataset.choices = "open";
    say();
  };
  say();
}
