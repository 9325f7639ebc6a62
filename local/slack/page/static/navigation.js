// Moves a tab from place to place without reloading it: the server renders, this swaps what differs.
import { dress } from "./dress.js";
import { connect, merge, showHome, showSidebar } from "./live.js";
import { showModals } from "./modals.js";
import { post } from "./post.js";

const region = (root, name) => root.querySelector(`[data-region=${name}]`);

export function startNavigation() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/?']");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    visit(link.getAttribute("href"), link);
  });
  window.addEventListener("popstate", () => visit(location.href, null));
  const menu = document.querySelector(".menu-button");
  menu.addEventListener("click", () => showMenu(!document.body.matches(".menu-open")));
  document.addEventListener("keydown", (event) => event.key === "Escape" && showMenu(false));
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

/** Goes to another place; `link` is what was followed, or null when the browser went back. */
async function visit(href, link) {
  const { page, url } = await read(href);
  const before = { ...document.body.dataset };
  if (link) history.pushState(null, "", url);
  document.title = page.title;
  for (const name of ["user", "place", "channel", "thread"])
    document.body.dataset[name] = page.body.dataset[name];
  const is = document.body.dataset;
  const isSameRoom = ["user", "place", "channel"].every((name) => is[name] === before[name]);
  if (isSameRoom && !link?.closest(".earlier")) merge(log(document), log(page));
  else swap("main", page);
  if (!isSameRoom || is.thread !== before.thread) swap("thread", page);
  region(document, "thread").hidden = !is.thread;
  if (is.user !== before.user) swap("people", page);
  showSidebar(region(page, "sidebar").innerHTML);
  showModals(region(page, "modals"));
  showMenu(false);
  focusAfter(link, before);
  arrived();
  connect();
}

const log = (root) => root.querySelector("[data-log=channel]");

function swap(name, page) {
  const here = region(document, name);
  here.replaceChildren(...document.adoptNode(region(page, name)).childNodes);
  dress(here);
  here.querySelectorAll("[data-log]").forEach((each) => (each.scrollTop = each.scrollHeight));
}

/** The focus goes on where the person was: the same switch, the box of the thread or channel just opened. */
function focusAfter(link, before) {
  const { thread, user } = document.body.dataset;
  if (user !== before.user) document.querySelector(".people [aria-current]").focus();
  else if (thread && thread !== before.thread) document.querySelector("#thread-composer")?.focus();
  else if (link) document.querySelector("#composer, [data-home]")?.focus({ preventScroll: true });
}

/** Called once at each place: scrolls to the newest, and tells the app when its Home tab is opened. */
export function arrived() {
  document.querySelectorAll("[data-log]").forEach((each) => (each.scrollTop = each.scrollHeight));
  if (document.body.dataset.place === "home") post("/page/home", {});
}

/** Reads this place anew, for what happened while nobody listened. */
export async function readAgain() {
  const place = location.href;
  const { page } = await read(place);
  if (location.href !== place) return; // moved on meanwhile
  for (const fresh of page.querySelectorAll("[data-log]")) {
    const here = document.querySelector(`[data-log=${fresh.dataset.log}]`);
    if (here) merge(here, fresh);
  }
  const home = page.querySelector("[data-home]");
  if (home) showHome(home);
  showSidebar(region(page, "sidebar").innerHTML);
  showModals(region(page, "modals"));
}
