// What a press does: buttons, menus and pickers in messages, forms and the Home tab.
import { showChosen } from "./dress.js";
import { address, chosenIn, valuesIn } from "./elements.js";
import { settle, startSearches } from "./external.js";
import { post, toast } from "./post.js";
import { isArrow, neighbour } from "./rove.js";

const PRESSES_ON_CHANGE = "select, input[type=date], input[type=time], input[type=datetime-local], .boxes";
const PRESSES_ON_ENTER = "input[type=text], input[type=email], input[type=url], input[type=number]";

export function startActions() {
  startSearches();
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("toggle", onToggle, true);
  document.addEventListener("keydown", onKey);
}

function onClick(event) {
  closeOthers(event.target);
  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) return dismissMessage(dismiss.closest("article"));
  const choice = event.target.closest("[data-choice]");
  if (choice) return choose(choice);
  const chip = event.target.closest(".chip");
  if (chip) return drop(chip);
  const button = event.target.closest("[data-element=button], [data-element=icon_button]");
  if (button) press(button, null, button);
}

function dismissMessage(message) {
  message.remove();
  const { channel, ts } = message.dataset;
  if (ts) post("/page/dismiss", { channel, ts });
}

function drop(chip) {
  const element = chip.closest("[data-element]");
  chip.remove();
  element.querySelector("input").focus();
  if (isLive(element)) press(element, chosenIn(element), element);
}

/** An entry of an overflow menu, a word of feedback, or an option found by an external select. */
function choose(choice) {
  const element = choice.closest("[data-element]");
  const value = choice.dataset.choice;
  if (element.dataset.element === "overflow") {
    element.open = false;
    element.querySelector("summary").focus();
    press(element, value, element.querySelector("summary"));
    return;
  }
  if (element.matches(".external")) settle(element, choice);
  if (isLive(element)) press(element, element.matches(".feedback") ? value : chosenIn(element), choice);
}

function onChange(event) {
  const element = event.target.closest("[data-element]");
  if (!element) return;
  if (element.matches("details.multi")) {
    showChosen(element);
    element.dataset.touched = "yes";
  } else if (element.matches(PRESSES_ON_CHANGE) && isLive(element)) {
    press(element, chosenIn(element), element);
  }
}

/** A multi-select presses when it is folded again, as Slack's does when its menu closes. */
function onToggle({ target }) {
  if (target.matches?.("details.overflow[open]")) unfold(target);
  if (!target.matches?.("details.multi") || target.open || !target.dataset.touched) return;
  delete target.dataset.touched;
  if (isLive(target)) press(target, chosenIn(target), target);
}

/** A menu opens to the side that has room for it, and is scrolled to where it would hang below the edge. */
function unfold(overflow) {
  const menu = overflow.querySelector(".menu");
  const room = overflow.closest(".log, .modal, main") ?? document.body;
  overflow.classList.remove("leftward");
  const isCutOff = menu.getBoundingClientRect().right > room.getBoundingClientRect().right;
  overflow.classList.toggle("leftward", isCutOff);
  menu.scrollIntoView({ block: "nearest" });
}

/** In an input block a choice waits for the form, unless the app asked to hear of it. */
function isLive(element) {
  const input = element.closest(".input");
  return !input || input.dataset.dispatch === "yes";
}

// --- pressing -----------------------------------------------------------------------------------------

async function press(element, chosen, face) {
  if (face.ariaBusy === "true" || !(await isConfirmed(element))) return;
  face.ariaBusy = "true";
  const view = element.closest("form.view");
  const container = view ?? element.closest("article.message");
  const body = { ...address(element), chosen, values: valuesIn(container) };
  const answer = view
    ? await post("/page/view/press", { ...body, view: view.dataset.viewId })
    : await post("/page/press", { ...body, channel: container.dataset.channel, ts: container.dataset.ts });
  face.ariaBusy = null;
  if (answer?.notice) toast(answer.notice);
}

/** Asks first where the app wants it asked. */
function isConfirmed(element) {
  const template = element.nextElementSibling;
  if (!template?.matches("template.confirm")) return true;
  const dialog = document.importNode(template.content, true).querySelector("dialog");
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "confirm");
    });
  });
}

// --- menus by keyboard -----------------------------------------------------------------------------------

function closeOthers(target) {
  for (const open of document.querySelectorAll("details.multi[open], details.overflow[open]")) {
    if (!open.contains(target)) open.open = false;
  }
}

function onKey(event) {
  const menu = event.target.closest("details.overflow, details.multi");
  if (menu?.open && event.key === "Escape") {
    event.preventDefault(); // or the modal around it would close
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (isArrow(event.key) && event.target.closest("details, .external")) {
    moveInMenu(event);
  } else if (
    event.key === "Enter" &&
    event.target.matches(`[data-element]:is(${PRESSES_ON_ENTER})`) &&
    isLive(event.target)
  ) {
    event.preventDefault(); // or the form around it would be sent
    press(event.target, chosenIn(event.target), event.target);
  }
}

function moveInMenu(event) {
  const menu = event.target.closest("details, .external");
  const entries = [...menu.querySelectorAll("[role=menuitem], [role=option], .choices input")];
  if (entries.length === 0) return;
  event.preventDefault();
  if (menu.matches("details")) menu.open = true;
  neighbour(entries, document.activeElement, event.key).focus();
}
