// Talks to the server: JSON out, JSON in, and a line on the screen when it cannot.

const REASONS = {
  not_found: "This dialog is no longer open.",
  no_longer_there: "This message has changed since; look again.",
  message_not_found: "This message was deleted.",
  is_archived: "This channel is archived.",
  not_from_this_page: "The server refused this page. Reload it.",
};

/** Posts what the person at this tab did; gives the answer, or null after saying what went wrong. */
export async function post(path, body) {
  const request = {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Local-Slack-Page": "1" },
    body: JSON.stringify({ user: document.body.dataset.user, ...body }),
  };
  try {
    const response = await fetch(path, request);
    const answer = await response.json();
    if (response.ok) return answer;
    toast(REASONS[answer.error] ?? `Slack refused this: ${answer.error}`);
  } catch {
    toast("The local workspace does not answer. Is it still running?");
  }
  return null;
}

/** Shows a line at the bottom of the screen for a few seconds, read out at once. */
export function toast(text) {
  const line = document.createElement("p");
  line.textContent = text;
  // A modal makes the rest of the page inert: what it should hear must be said inside it.
  const modal = [...document.querySelectorAll("dialog[open]")].pop();
  const place = modal?.querySelector(".trouble");
  if (place) {
    place.textContent = text;
    return;
  }
  document.querySelector(".toasts").append(line);
  setTimeout(() => line.remove(), 8000);
}
