// Moves a tab from place to place without reloading it: the server renders, this swaps what differs.
import { dress } from "./dress.js";
import { connect, merge, showHome, showSidebar } from "./live.js";
import { showModals } from "./modals.js";
import { post, toast } from "./post.js";

const region = (root, name) => root.querySelector(`[data-region=${name}]`);

export function startNavigation() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const place = link && placeOf(link);
    if (!place || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    visit(place, link);
  });
  window.addEventListener("popstate", () => visit(location.href, null));
  const menu = document.querySelector(".menu-button");
  menu.addEventListener("click", () => showMenu(!document.body.matches(".menu-open")));
  document.addEventListener("keydown", (event) => event.key === "Escape" && showMenu(false));
}

/** Where a link leads within this workspace, or null: a place of the page, or a message's permalink. */
function placeOf(link) {
  const href = link.getAttribute("href");
  if (href.startsWith("/?")) return href;
  const url = new URL(href, location);
  const [, channel, seconds, fraction] = url.pathname.match(/^\/archives\/(\w+)\/p(\d+)(\d{6})$/) ?? [];
  const isOurs = url.port === location.port && ["127.0.0.1", "localhost"].includes(url.hostname);
  if (!channel || !isOurs) return null;
  const thread = url.searchParams.get("thread_ts") ?? `${seconds}.${fraction}`;
  const query = new URLSearchParams({ user: document.body.dataset.user, channel, thread });
  return `/?${query}#${seconds}.${fraction}`;
}

function showMenu(isOpen) {
  document.body.classList.toggle("menu-open", isOpen);
  document.querySelector(".menu-button").setAttribute("aria-expanded", String(isOpen));
}

async function read(url) {
  const response = await fetch(url);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { page, url: response.url };
}

let visits = 0;

/** Goes to another place; `link` is what was followed, or null when the browser went back. */
async function visit(href, link) {
  const turn = ++visits;
  const answer = await read(href).catch(() => null);
  if (turn !== visits) return; // somebody clicked on
  if (!answer) return toast("The local workspace does not answer. Is it still running?");
  const before = { ...document.body.dataset };
  if (link) history.pushState(null, "", new URL(new URL(href, location).hash, answer.url));
  for (const name of ["user", "place", "channel", "thread"]) {
    document.body.dataset[name] = answer.page.body.dataset[name];
  }
  show(answer.page, before, link);
  showMenu(false);
  focusAfter(link, before);
  pointOut();
  arrived();
  connect();
}

/** Swaps what differs from the place before; a channel that stays open keeps its messages and its scroll. */
function show(page, before, link) {
  const { dataset } = document.body;
  const isSameRoom = ["user", "place", "channel"].every((name) => dataset[name] === before[name]);
  if (link?.closest(".earlier")) swapAbove(page);
  else if (!isSameRoom) swap("main", page);
  else if (dataset.place !== "home") merge(log(document), log(page));
  if (!isSameRoom || dataset.thread !== before.thread) swap("thread", page);
  region(document, "thread").hidden = !dataset.thread;
  swap("people", page);
  document.title = page.title;
  showSidebar(region(page, "sidebar").innerHTML);
  showModals(region(page, "modals"));
  if (dataset.thread !== before.thread) showParent(dataset.thread);
}

const log = (root) => root.querySelector("[data-log=channel]");

function swap(name, page) {
  const here = region(document, name);
  here.replaceChildren(...document.adoptNode(region(page, name)).childNodes);
  dress(here);
  scrollToNewest(here);
}

/** Earlier messages come in above; those that were on the screen stay where they were. */
function swapAbove(page) {
  const below = log(document).scrollHeight - log(document).scrollTop;
  swap("main", page);
  log(document).scrollTop = log(document).scrollHeight - below;
}

function showParent(thread) {
  document
    .querySelector(`[data-log=channel] [data-ts="${CSS.escape(thread)}"]`)
    ?.scrollIntoView({ block: "nearest" });
}

/** The focus goes on where the person was: the same switch, the box of the thread or channel just opened. */
function focusAfter(link, before) {
  const { thread, user } = document.body.dataset;
  if (user !== before.user) document.querySelector(".people [aria-current]").focus();
  else if (thread && thread !== before.thread) document.querySelector("#thread-composer")?.focus();
  else if (link) document.querySelector("#composer, [data-home]")?.focus({ preventScroll: true });
}

export function scrollToNewest(root) {
  root.querySelectorAll("[data-log]").forEach((each) => (each.scrollTop = each.scrollHeight));
}

/** A permalink leads to one message of many: it is scrolled to and lit for a moment. */
export function pointOut() {
  const ts = location.hash.slice(1);
  if (!ts) return;
  for (const message of document.querySelectorAll(`[data-log] [data-ts="${CSS.escape(ts)}"]`)) {
    message.scrollIntoView({ block: "start" });
    message.classList.add("pointed-out");
  }
}

/** The app is told when its Home tab is opened; it fills the tab then. */
export function arrived() {
  if (document.body.dataset.place === "home") post("/page/home", {});
}

/** Reads this place anew, for what happened while nobody listened. */
export async function readAgain() {
  const place = location.href;
  const answer = await read(place).catch(() => null);
  if (!answer || location.href !== place) return; // gone again, or moved on meanwhile
  const { page } = answer;
  for (const fresh of page.querySelectorAll("[data-log]")) {
    const here = document.querySelector(`[data-log=${fresh.dataset.log}]`);
    if (here) merge(here, fresh);
  }
  const home = page.querySelector("[data-home]");
  if (home) showHome(home);
  showSidebar(region(page, "sidebar").innerHTML);
  showModals(region(page, "modals"));
}
