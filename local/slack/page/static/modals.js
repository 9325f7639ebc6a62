// The stack of modals: opening, redrawing with what was typed, errors at their fields, closing.
import { dress } from "./dress.js";
import { counterpart, restore, valuesIn } from "./elements.js";
import { post } from "./post.js";

const FOCUSABLE = "[autofocus], .modal-body :is(input, select, textarea, summary, button, a)";

const stack = () => document.querySelector("[data-region=modals]");

export function startModals() {
  showModals(stack().cloneNode(true));
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.view");
    if (!form) return;
    event.preventDefault();
    if (form.closest("dialog")) submit(form);
  });
  document.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-close-view]");
    if (closer) close(closer.closest("dialog"), closer.dataset.closeView === "all");
  });
  document.addEventListener("cancel", onEscape, true);
}

function onEscape(event) {
  if (!event.target.matches("dialog[data-view-id]")) return;
  event.preventDefault();
  close(event.target, false);
}

/** Makes the open modals those of `fresh`: new ones on top, changed ones redrawn, gone ones away. */
export function showModals(fresh) {
  const wanted = [...fresh.querySelectorAll("dialog[data-view-id]")];
  const ids = new Set(wanted.map((dialog) => dialog.dataset.viewId));
  for (const dialog of [...stack().children].reverse()) {
    if (!ids.has(dialog.dataset.viewId)) remove(dialog);
  }
  wanted.forEach(show);
}

function show(fresh) {
  const known = stack().querySelector(`dialog[data-view-id="${CSS.escape(fresh.dataset.viewId)}"]`);
  if (!known) stack().append(fresh);
  else if (known.dataset.version !== fresh.dataset.version) redraw(known, fresh);
  const dialog = known ?? fresh;
  if (dialog.open) return;
  dress(dialog);
  dialog.removeAttribute("open");
  dialog.showModal();
  (dialog.querySelector(FOCUSABLE) ?? dialog).focus();
}

/** The app changed the view: what was typed stays where block and action are the same. */
function redraw(known, fresh) {
  const values = valuesIn(known);
  const focused = known.contains(document.activeElement) ? document.activeElement : null;
  const selection = focused?.selectionStart;
  known.replaceChildren(...fresh.childNodes);
  known.dataset.version = fresh.dataset.version;
  restore(known, values);
  dress(known);
  const next = counterpart(known, focused) ?? known.querySelector(FOCUSABLE);
  next?.focus();
  if (selection != null && next?.matches("textarea, input[type=text]"))
    next.setSelectionRange(selection, selection);
}

function remove(dialog) {
  dialog.close(); // gives the focus back to what had it
  dialog.remove();
  if (document.activeElement === document.body) document.querySelector("#composer")?.focus();
}

async function submit(form) {
  const button = form.querySelector("[type=submit]");
  if (!button || button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  const answer = await post("/page/view/submit", { view: form.dataset.viewId, values: valuesIn(form) });
  button.ariaBusy = null;
  if (!answer) return;
  showErrors(form, answer.errors);
  form.querySelector(".trouble").textContent = answer.outcome === "failed" ? answer.notice : "";
}

function showErrors(form, errors) {
  for (const block of form.querySelectorAll("[data-block-id]:has(.input)")) {
    const message = errors[block.dataset.blockId] ?? "";
    block.querySelector(".error").textContent = message;
    block.classList.toggle("has-error", message !== "");
    block.querySelectorAll("input, select, textarea, summary").forEach((each) => {
      each.ariaInvalid = message ? "true" : null;
    });
  }
  form.querySelector(".has-error :is(input, select, textarea, summary)")?.focus();
}

async function close(dialog, isWholeStack) {
  const view = dialog.dataset.viewId;
  if (isWholeStack) [...stack().children].reverse().forEach(remove);
  else remove(dialog);
  await post("/page/view/close", { view, whole_stack: isWholeStack });
}
