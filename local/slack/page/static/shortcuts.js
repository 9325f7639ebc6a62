// Shortcuts of the app: from the box to write in, and from a message's menu; and a message's link.
import { post, toast } from "./post.js";

export function startShortcuts() {
  document.addEventListener("click", (event) => {
    const item = event.target.closest("[data-shortcut], [data-message-shortcut], [data-copy]");
    if (!item) return;
    fold(item.closest("details"));
    const { shortcut, messageShortcut, copy } = item.dataset;
    if (copy) copyLink(copy);
    else if (shortcut) run("/page/shortcut", { callback_id: shortcut });
    else {
      const { channel, ts } = item.closest("article").dataset;
      run("/page/message-shortcut", { callback_id: messageShortcut, channel, ts });
    }
  });
}

function fold(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}

async function run(path, body) {
  const answer = await post(path, body);
  if (answer?.notice) toast(answer.notice);
}

async function copyLink(path) {
  const link = new URL(path, location).href;
  try {
    await navigator.clipboard.writeText(link);
    toast("The link is copied.");
  } catch {
    toast(link); // the browser may forbid it; then it can be copied by hand
  }
}
