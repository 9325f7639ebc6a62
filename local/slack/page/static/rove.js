// Moving through a list with the arrow keys.

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export const isArrow = (key) => key in STEPS;

/** The entry an arrow key leads to, round the ends; with none current, the first or the last. */
export function neighbour(entries, current, key) {
  const at = entries.indexOf(current);
  if (STEPS[key] === 1) return entries[(at + 1) % entries.length];
  return entries.at(at <= 0 ? -1 : at - 1);
}
