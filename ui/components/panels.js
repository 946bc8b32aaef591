export default function ({ data, parentElement, setStateValue }) {
  const line = parentElement.querySelector(".line");
  const { words, opened } = JSON.parse(data.panels);
  // Changed at the click: a second one may come before the server has answered.
  const open = new Set(opened);
  // The buttons stay, and with them the focus of a keyboard.
  while (line.children.length > words.length) line.lastChild.remove();
  words.forEach(([name, text], number) => {
    const button = line.children[number] ?? line.appendChild(document.createElement("button"));
    const say = () => button.setAttribute("aria-expanded", String(open.has(name)));
    button.type = "button";
    button.textContent = text;
    button.onclick = () => {
      if (!open.delete(name)) open.add(name);
      say();
      setStateValue("opened", [...open]);
    };
    say();
  });
}
