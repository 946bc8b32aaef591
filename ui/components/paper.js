const LINE_END = 10;
// Where a PNG says how wide it is, and behind it how high.
const PNG_SIDES = 16;

// Its sides are known before it is read, so that nothing below it moves.
function show(picture, bytes) {
  const sides = new DataView(bytes.buffer, bytes.byteOffset + PNG_SIDES, 8);
  picture.width = sides.getUint32(0);
  picture.height = sides.getUint32(4);
  picture.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
}

// The text has been escaped by the server (paper.py).
export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".paper-place");
  const forget = () => place.querySelectorAll("img").forEach(({ src }) => URL.revokeObjectURL(src));
  const end = data.indexOf(LINE_END);
  const head = new TextDecoder().decode(data.subarray(0, end));
  // A run that changes nothing of it leaves what is marked in it marked.
  if (place.drawn === head) return forget;
  place.drawn = head;
  const { html, sizes } = JSON.parse(head);
  forget();
  place.innerHTML = html;
  let at = end + 1;
  place.querySelectorAll("img").forEach((picture, i) => {
    show(picture, data.subarray(at, (at += sizes[i])));
  });
  return forget;
}
