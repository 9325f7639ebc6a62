// The box to write in: Enter sends, a slash offers commands, and a draft outlives a change of channel.
import { fragment } from "./live.js";
import { post } from "./post.js";
import { isArrow, neighbour } from "./rove.js";

const boxOf = (node) => node.closest("[data-composer] textarea");

export function startComposers() {
  document.addEventListener("input", (event) => boxOf(event.target) && changed(event.target));
  document.addEventListener("focusin", (event) => boxOf(event.target) && recall(event.target));
  document.addEventListener("focusout", (event) => boxOf(event.target) && hide(event.target.form));
  document.addEventListener("keydown", (event) => boxOf(event.target) && onKey(event));
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-composer]")) return;
    event.preventDefault();
    send(event.target);
  });
  // mousedown, not click: a click would come after the box lost the focus and hid the list
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[data-command]");
    if (!option) return;
    event.preventDefault();
    complete(option);
  });
}

function changed(box) {
  fit(box);
  sessionStorage.setItem(draftKey(box), box.value);
  suggest(box.form);
}

/** As high as its text, up to what the style sheet allows. */
function fit(box) {
  box.rows = Math.min(12, box.value.split("\n").length);
}

// --- drafts ---------------------------------------------------------------------------------------------

const draftKey = (box) => `draft ${document.body.dataset.user} ${box.dataset.draft}`;

function recall(box) {
  if (box.value === "") box.value = sessionStorage.getItem(draftKey(box)) ?? "";
  fit(box);
}

// --- sending --------------------------------------------------------------------------------------------

function onKey(event) {
  const form = event.target.form;
  const options = shown(form);
  const active = options.find((option) => option.ariaSelected === "true");
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (active) complete(active);
    else form.requestSubmit();
  } else if (event.key === "Tab" && options.length > 0 && !event.shiftKey) {
    event.preventDefault();
    complete(active ?? options[0]);
  } else if (event.key === "Escape") {
    hide(form);
  } else if (isArrow(event.key) && options.length > 0) {
    event.preventDefault();
    select(form, neighbour(options, active, event.key));
  }
}

async function send(form) {
  const box = form.querySelector("textarea");
  const text = box.value.trim();
  if (!text) return;
  box.value = "";
  changed(box);
  const isCommand = text.startsWith("/");
  const working = form.querySelector(".working");
  working.textContent = isCommand ? `Sending ${text.split(/\s/, 1)[0]} …` : "";
  const { channel, thread } = form.dataset;
  const answer = await post(isCommand ? "/page/command" : "/page/say", { channel, thread, text });
  working.textContent = "";
  if (answer === null && box.value === "") {
    box.value = text; // nothing is lost when the server was away
    changed(box);
  } else if (answer?.html) {
    showNotice(form, answer.html);
  }
}

function showNotice(form, html) {
  const log = form.parentElement.querySelector("[data-log]");
  log.append(fragment(html));
  log.scrollTop = log.scrollHeight;
}

// --- commands ------------------------------------------------------------------------------------------------

const list = (form) => form.querySelector("[role=listbox]");

const shown = (form) =>
  list(form).hidden ? [] : [...list(form).children].filter((option) => !option.hidden);

/** Offers the commands that begin with what is typed; after a command, only how it is used. */
function suggest(form) {
  const typed = form.querySelector("textarea").value;
  const [word] = typed.split(/\s/, 1);
  const isCommand = typed.startsWith("/");
  for (const option of list(form).children) {
    const { command } = option.dataset;
    option.hidden = !isCommand || (typed === word ? !command.startsWith(word) : command !== word);
  }
  list(form).hidden = [...list(form).children].every((option) => option.hidden);
  const first = shown(form).find((option) => option.dataset.command !== word);
  select(form, typed === word ? first : undefined);
}

function select(form, wanted) {
  for (const option of list(form).children) option.ariaSelected = String(option === wanted);
  const box = form.querySelector("textarea");
  if (wanted) box.setAttribute("aria-activedescendant", wanted.id);
  else box.removeAttribute("aria-activedescendant");
}

function complete(option) {
  const form = option.closest("form");
  const box = form.querySelector("textarea");
  box.value = `${option.dataset.command} `;
  box.focus();
  changed(box);
}

function hide(form) {
  list(form).hidden = true;
  select(form, undefined);
}
