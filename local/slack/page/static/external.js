// External selects: the app is asked for options while one types; one or several can be chosen.
import { address } from "./elements.js";
import { post } from "./post.js";

let searching = 0;

export function startSearches() {
  document.addEventListener("input", onSearch);
}

function onSearch({ target }) {
  const element = target.closest(".external");
  if (!element) return;
  if (!element.matches(".several")) element.dataset.chosen = "";
  clearTimeout(searching);
  searching = setTimeout(() => search(element, target.value), 200);
}

async function search(element, query) {
  if (query.length < Number(element.dataset.minQuery)) return showOptions(element, []);
  const view = element.closest("form.view")?.dataset.viewId;
  const { channel, ts } = element.closest("article.message")?.dataset ?? {};
  const where = view ? { view } : { channel, ts };
  const answer = await post("/page/suggest", { ...where, ...address(element), query });
  showOptions(element, answer?.options ?? []);
}

/** Takes an option that was found: into the field, or as one more chip before it. */
export function settle(element, choice) {
  const [input, name, value] = [element.querySelector("input"), choice.textContent.trim(), choice.dataset.choice];
  if (element.matches(".several")) {
    if (!chipOf(element, value) && !isFull(element)) element.querySelector(".chips").append(chip(name, value));
    input.value = "";
  } else {
    element.dataset.chosen = value;
    input.value = name;
  }
  showOptions(element, []);
  input.focus();
}

const chipOf = (element, value) => element.querySelector(`.chip[data-value="${CSS.escape(value)}"]`);

const isFull = (element) =>
  element.dataset.max !== "" && element.querySelectorAll(".chip").length >= Number(element.dataset.max);

function chip(name, value) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.dataset.value = value;
  button.setAttribute("aria-label", `Remove ${name}`);
  button.textContent = `${name} ✕`;
  return button;
}

function showOptions(element, options) {
  const list = element.querySelector("[role=listbox]");
  list.replaceChildren(
    ...options.map(({ text, value }) => {
      const option = document.createElement("button");
      option.type = "button";
      option.setAttribute("role", "option");
      option.dataset.choice = value;
      option.textContent = text.text;
      return option;
    }),
  );
  list.hidden = options.length === 0;
  element.querySelector("input").ariaExpanded = String(options.length > 0);
}
