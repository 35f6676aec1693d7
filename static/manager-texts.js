// The page of texts: how much room is left, and what it looks like where it will stand.

const left = (input) => Number(input.dataset.most) - Array.from(input.value).length;

function countRoom(input) {
  const said = document.querySelector(`[data-room-for="${CSS.escape(input.id)}"]`);
  const room = left(input);
  said.textContent = room < 0 ? `多了 ${-room} 个字` : `还可写 ${room} 个字`;
  said.classList.toggle("over", room < 0);
}

/** A slip is drawn by the hall, once the typing is done; words on screens follow each letter. */
function preview(input, done) {
  const shown = document.getElementById(input.dataset.preview || "");
  if (!shown) return;
  if (shown.tagName !== "IMG") shown.textContent = input.value.trim() || shown.dataset.usual;
  else if (done) shown.src = `/manager/catalogue/texts/slip.png?foot=${encodeURIComponent(input.value.trim())}`;
}

document.querySelectorAll("input[data-most]").forEach((input) => {
  countRoom(input);
  if (input.value !== input.defaultValue) preview(input, true); // typed before this script came
  input.addEventListener("input", () => {
    countRoom(input);
    preview(input, false);
  });
  input.addEventListener("change", () => preview(input, true));
  input.addEventListener("focus", () => preview(input, false));
});
