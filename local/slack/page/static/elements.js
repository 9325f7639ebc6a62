// Reads and writes Block Kit elements in the document: what a person chose in each kind of them.

const STATELESS = new Set(["button", "overflow", "icon_button", "feedback_buttons"]);

const boxes = (element) => [...element.querySelectorAll("input[type=checkbox]")];

const checked = {
  read: (element) =>
    boxes(element)
      .filter((box) => box.checked)
      .map((box) => box.value),
  write: (element, values) => boxes(element).forEach((box) => (box.checked = values.includes(box.value))),
};

const radios = {
  read: (element) => element.querySelector("input:checked")?.value ?? null,
  write: (element, value) =>
    element.querySelectorAll("input").forEach((radio) => (radio.checked = radio.value === value)),
};

const external = {
  read: (element) => element.dataset.chosen || null,
  write: (element, value) => (element.dataset.chosen = value ?? ""),
};

// What was found by searching is known by name only here: the chips themselves are carried over.
const chosenChips = new Map();

const chips = {
  read: (element) =>
    [...element.querySelectorAll(".chip")].map((chip) => {
      chosenChips.set(chip.dataset.value, chip);
      return chip.dataset.value;
    }),
  write: (element, values) =>
    element.querySelector(".chips").replaceChildren(...values.map((value) => chosenChips.get(value).cloneNode(true))),
};

// The server knows the person's zone; the browser's own may be another.
const moment = {
  read: (element) => ({ local: element.value }),
  write: (element, value) => (element.value = value.local),
};

const field = {
  read: (element) => element.value || null,
  write: (element, value) => (element.value = value ?? ""),
};

const kinds = {
  checkboxes: checked,
  multi_static_select: checked,
  multi_users_select: checked,
  multi_channels_select: checked,
  multi_conversations_select: checked,
  radio_buttons: radios,
  external_select: external,
  multi_external_select: chips,
  datetimepicker: moment,
};

const kindOf = (element) => kinds[element.dataset.element] ?? field;

export const chosenIn = (element) =>
  STATELESS.has(element.dataset.element) ? null : kindOf(element).read(element);

/** Where an element is: its block and action, which stay the same when the app redraws around it. */
export const address = (element) => ({
  block_id: element.closest("[data-block-id]").dataset.blockId,
  action_id: element.dataset.actionId,
});

const stateful = (container) =>
  [...container.querySelectorAll("[data-element]")].filter((each) => !STATELESS.has(each.dataset.element));

/** What stands in a message or form: {block_id: {action_id: chosen}}. */
export function valuesIn(container) {
  const values = {};
  for (const element of stateful(container)) {
    const { block_id, action_id } = address(element);
    (values[block_id] ??= {})[action_id] = chosenIn(element);
  }
  return values;
}

/** Puts values back where block and action are still the same, as Slack keeps them over an update. */
export function restore(container, values) {
  for (const element of stateful(container)) {
    const { block_id, action_id } = address(element);
    const value = values[block_id]?.[action_id];
    if (value !== undefined) kindOf(element).write(element, value);
  }
}

/** Where the focus goes in a redrawn container: the same element, or one that does the same. */
export function counterpart(container, element) {
  const home = element?.closest("[data-element]");
  if (!home) return null;
  const { block_id, action_id } = address(home);
  const alike = [...container.querySelectorAll(`[data-action-id="${CSS.escape(action_id)}"]`)];
  const same = alike.find((each) => address(each).block_id === block_id) ?? alike[0];
  if (!same || same.matches("button, a, input, select, textarea")) return same ?? null;
  return same.querySelector("summary, input");
}
