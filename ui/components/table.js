// The text has been escaped by the server (desk_rows.py).
export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".table-place");
  const html = new TextDecoder().decode(data);
  // A run that changes nothing of it leaves it sorted, and open, as it is.
  if (place.drawn === html) return;
  place.drawn = html;
  place.innerHTML = html;
}
