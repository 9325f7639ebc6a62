// A small app in Bolt for JavaScript, so that somebody else's client says whether the workspace is a Slack.
// Arguments: where @slack/bolt is installed, "socket" or "http", the Web API's address, and the credentials as JSON.
// Prints one line of JSON when it is ready: {"port": number or null}.
import { createRequire } from "node:module";

const [modules, mode, slackApiUrl, credentials] = process.argv.slice(2);
const { App, LogLevel } = createRequire(`${modules}/`)("@slack/bolt");
const { token, appToken, signingSecret } = JSON.parse(credentials);

const app = new App({
  token,
  clientOptions: { slackApiUrl },
  logLevel: LogLevel.ERROR,
  ...(mode === "socket" ? { socketMode: true, appToken } : { signingSecret }),
});

const plain = (text) => ({ type: "plain_text", text });
const mrkdwn = (text) => ({ type: "mrkdwn", text });
const button = (action_id, text, more = {}) => ({ type: "button", action_id, text: plain(text), ...more });
const actions = (...elements) => ({ type: "actions", block_id: "acts", elements });
const section = (text) => ({ type: "section", text: mrkdwn(text) });

const finding = (state) => [
  section(`*F-1* is ${state}`),
  actions(button("note", "Add note"), button("answer", "Answer"), { type: "external_select", action_id: "who" }),
];

const form = (about) => ({
  type: "modal",
  callback_id: "note",
  private_metadata: JSON.stringify(about),
  notify_on_close: true,
  title: plain("Note"),
  submit: plain("Save"),
  blocks: [
    {
      type: "input",
      block_id: "text",
      label: plain("Note"),
      element: { type: "plain_text_input", action_id: "text" },
    },
  ],
});

const home = (count) => ({
  type: "home",
  blocks: [section(`${count} open findings`), actions(button("refresh", "Refresh", { value: String(count) }))],
});

// --- commands ---------------------------------------------------------------------------------------

app.command("/hunt", async ({ command, ack, client }) => {
  if (command.text === "help") return ack({ text: "Try `/hunt lambda-perms`" });
  await ack();
  const channel = command.channel_id;
  if (command.text === "export") {
    await client.filesUploadV2({
      channel_id: channel,
      initial_comment: "The whole run",
      file: Buffer.from("finding,severity\nF-1,high\n"),
      filename: "run.csv",
    });
    return;
  }
  await client.chat.postMessage({ channel, text: "F-1", blocks: finding("open"), unfurl_links: false });
});

// --- messages ---------------------------------------------------------------------------------------

app.action("note", async ({ body, ack, client }) => {
  await ack();
  await client.views.open({ trigger_id: body.trigger_id, view: form({ channel: body.channel.id, ts: body.message.ts }) });
});

app.action("answer", async ({ ack, respond }) => {
  await ack();
  await respond({ text: "Answered", replace_original: false, response_type: "ephemeral" });
});

app.options("who", async ({ options, ack }) => {
  await ack({ options: [{ text: plain(`role/${options.value}`), value: options.value }] });
});

app.action("who", async ({ action, body, ack, client }) => {
  await ack();
  const text = `${action.selected_option.text.text} owns it`;
  await client.chat.postMessage({ channel: body.channel.id, thread_ts: body.message.ts, text });
});

// --- forms ------------------------------------------------------------------------------------------

app.view("note", async ({ view, body, ack, client }) => {
  const text = view.state.values.text.text.value;
  if (text.includes("password")) {
    return ack({ response_action: "errors", errors: { text: "No secrets, please." } });
  }
  await ack();
  const { channel, ts } = JSON.parse(view.private_metadata);
  const state = `noted by <@${body.user.id}>: ${text}`;
  await client.chat.update({ channel, ts, text: "F-1", blocks: finding(state) });
});

app.view({ callback_id: "note", type: "view_closed" }, async ({ view, ack, client }) => {
  await ack();
  const { channel, ts } = JSON.parse(view.private_metadata);
  await client.chat.postMessage({ channel, thread_ts: ts, text: "No note then" });
});

// --- shortcuts and Home -------------------------------------------------------------------------------

app.shortcut({ callback_id: "huntbot_triage", type: "message_action" }, async ({ shortcut, ack, client }) => {
  await ack();
  const { channel, message, user } = shortcut;
  await client.chat.postEphemeral({ channel: channel.id, user: user.id, text: `About ${message.text}` });
});

app.shortcut({ callback_id: "huntbot_hunt", type: "shortcut" }, async ({ shortcut, ack, client }) => {
  await ack();
  await client.views.open({ trigger_id: shortcut.trigger_id, view: form({}) });
});

app.event("app_home_opened", async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: home(1) });
});

app.action("refresh", async ({ body, action, ack, client }) => {
  await ack();
  const { hash } = body.view;
  await client.views.publish({ user_id: body.user.id, hash, view: home(Number(action.value) + 1) });
});

const server = await app.start({ port: 0, host: "127.0.0.1" });
console.log(JSON.stringify({ port: mode === "http" ? server.address().port : null }));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0)); // whoever started it is gone
