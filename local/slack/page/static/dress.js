// Finishing touches on HTML that just arrived: what depends on its neighbours or on what is chosen in it.

import { page } from "./tables.js";

const FIVE_MINUTES_S = 300;

/** Dresses everything under a node: day headings, compact messages, the faces of multi-selects. */
export function dress(root) {
  root.querySelectorAll(".log").forEach(arrange);
  root.querySelectorAll("details.multi").forEach(showChosen);
  root.querySelectorAll(".data-table").forEach(page);
}

/** A day is named once, and a person who writes on within five minutes needs no second name. */
export function arrange(log) {
  let above = null;
  for (const message of log.querySelectorAll("article.message")) {
    const isNewDay = message.dataset.day !== undefined && message.dataset.day !== above?.dataset.day;
    message.classList.toggle("new-day", isNewDay);
    message.classList.toggle("first-new", message.dataset.ts !== undefined && message.dataset.ts === log.dataset.firstNew);
    message.classList.toggle("compact", !isNewDay && continues(message, above));
    above = message.dataset.day === undefined ? above : message;
  }
}

function continues(message, above) {
  return (
    above !== null &&
    message.dataset.author === above.dataset.author &&
    message.dataset.ts - above.dataset.ts < FIVE_MINUTES_S &&
    !message.matches(".ephemeral") &&
    !above.matches(".ephemeral, :has(.replies)")
  );
}

/** Writes on a multi-select what is chosen in it, and stops at its limit. */
export function showChosen(details) {
  const boxes = [...details.querySelectorAll("input")];
  const chosen = boxes.filter((box) => box.checked);
  const face = details.querySelector(".chosen");
  face.textContent =
    chosen.map((box) => box.parentElement.textContent.trim()).join(", ") || face.dataset.empty;
  face.classList.toggle("is-empty", chosen.length === 0);
  const isFull = details.dataset.max !== "" && chosen.length >= Number(details.dataset.max);
  boxes.forEach((box) => (box.disabled = isFull && !box.checked));
}
