// Keeps the tab true to the workspace: carries out what the server sends, and nothing a person holds is lost.
import { arrange, dress } from "./dress.js";
import { counterpart, restore, valuesIn } from "./elements.js";
import { showModals } from "./modals.js";
import { readAgain } from "./navigation.js";

let stream = null;
let settled = Promise.resolve();

const instructions = {
  resync: () => readAgain(),
  put: ({ log, html }) => put(document.querySelector(`[data-log=${log}]`), fragment(html).firstElementChild),
  drop: ({ channel, ts }) => drop(channel, ts),
  sidebar: ({ html }) => showSidebar(html),
  modals: ({ html }) => showModals(fragment(html)),
  home: ({ html }) => showHome(fragment(html)),
};

/** Listens for this tab's place; called again whenever the place changes. */
export function connect() {
  stream?.close();
  document.body.dataset.live = "no";
  const here = (stream = new EventSource(`/page/events${location.search}`));
  stream.onopen = () => showConnection(true);
  stream.onerror = () => showConnection(false);
  stream.onmessage = ({ data }) => {
    settled = settled.then(() => here === stream && carryOut(JSON.parse(data))).catch(reportError);
  };
}

/** One after the other: a page that was read before something came must not be shown after it. */
const carryOut = (instruction) => instructions[instruction.do](instruction);

function showConnection(isUp) {
  document.querySelector(".connection").hidden = isUp;
  document.body.dataset.live = isUp ? "yes" : "no";
}

export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return document.importNode(template.content, true);
}

// --- messages -----------------------------------------------------------------------------------

/** Puts one message where it belongs in a log, or redraws the one that is there. */
export function put(log, message) {
  if (!log) return;
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  const known = find(log, message.dataset.ts);
  if (known?.dataset.version === message.dataset.version) return;
  if (known) redraw(known, message);
  else
    log.insertBefore(message, messagesIn(log).find((each) => each.dataset.ts > message.dataset.ts) ?? null);
  dress(message);
  arrange(log);
  if (isAtEnd) log.scrollTop = log.scrollHeight;
  // A private line answers what the person just did, which may be far above the end.
  if (!known && message.matches(".ephemeral")) message.scrollIntoView({ block: "nearest" });
}

const messagesIn = (log) => [...log.querySelectorAll("article.message[data-ts]")];

const find = (log, ts) => log.querySelector(`article.message[data-ts="${CSS.escape(ts)}"]`);

/** Replaces an element by its new self; what was typed in it, and where the focus was, stay. */
function redraw(known, fresh) {
  const focused = known.contains(document.activeElement) ? document.activeElement : null;
  restore(fresh, valuesIn(known));
  known.replaceWith(fresh);
  if (focused) (counterpart(fresh, focused) ?? fresh.closest(".log"))?.focus({ preventScroll: true });
}

function drop(channel, ts) {
  for (const log of document.querySelectorAll("[data-log]")) {
    const message = find(log, ts);
    if (message?.dataset.channel === channel) message.remove();
    arrange(log);
  }
  if (document.body.dataset.thread === ts) document.querySelector(".thread .close")?.click();
}

/** Brings a log up to what the server shows now, message by message. */
export function merge(log, fresh) {
  const there = new Set(messagesIn(fresh).map((message) => message.dataset.ts));
  messagesIn(log)
    .filter((message) => !there.has(message.dataset.ts))
    .forEach((message) => message.remove());
  messagesIn(fresh).forEach((message) => put(log, message));
}

// --- the other regions ---------------------------------------------------------------------------------

/** The channels as they are now; what waits for the person is counted in the tab's title, too. */
export function showSidebar(html) {
  const sidebar = document.querySelector("[data-region=sidebar]");
  const focused = sidebar.contains(document.activeElement) && document.activeElement.getAttribute("href");
  sidebar.innerHTML = html;
  if (focused) sidebar.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  const waiting = [...sidebar.querySelectorAll(".badge-count")].reduce(
    (sum, badge) => sum + Number(badge.textContent),
    0,
  );
  document.title = (waiting ? `(${waiting}) ` : "") + document.title.replace(/^\(\d+\) /, "");
}

export function showHome(content) {
  const home = document.querySelector("[data-home]");
  if (!home) return;
  const [known, fresh] = [home.firstElementChild, content.firstElementChild];
  if (known.dataset.version && known.dataset.version === fresh.dataset.version) return;
  redraw(known, fresh);
  dress(home);
}
