import { defineChannel, type Identity } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { watch } from "../../core/watch.ts";
import { slackMrkdwn } from "../../dialects/slack-mrkdwn.ts";
import { call } from "./api.ts";
import { maxText } from "./blocks.ts";
import { locateFile, maxUploadBytes } from "./files.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { edit, react, remove, send } from "./send.ts";
import { type Settings, type SlackAccount, settings } from "./settings.ts";
import { listenBySocket } from "./socket.ts";
import { webhook } from "./webhook.ts";

/** https://docs.slack.dev */
export default defineChannel<Settings>({
  kind: "slack",
  name: "Slack",
  summary: "A Slack app, by Socket Mode or webhook: direct messages, channels, threads, buttons, slash commands.",
  settings,
  dialect: slackMrkdwn,
  limits: {
    text: { max: maxText, unit: "utf16", counts: "sent" },
    caption: { max: maxText, unit: "utf16", counts: "sent" },
    // https://docs.slack.dev/apis/web-api/rate-limits: one a second in a channel, "several hundred" a minute in a workspace.
    rate: { account: 5, conversation: 1 },
    // chat.update is of tier 3, 50 a minute and more, for all answers of the workspace together.
    editEvery: { direct: 2_000, group: 3_000 },
    file: { inbound: 100_000_000, outbound: maxUploadBytes },
    // https://docs.slack.dev/reference/block-kit/blocks/actions-block: 25 in a row; a message has 50 blocks.
    buttons: { count: 100, label: 75 },
    album: { count: 10, kinds: [["image", "file", "audio", "video", "voice"]] },
    // https://docs.slack.dev/reference/methods/assistant.threads.setStatus: two minutes.
    typingEvery: 100_000,
  },
  access: { direct: "open", group: "open" },
  idempotent: false,
  threads: true,
  guide,
  pictures,
  translations: { de: german },
  probe,
  listen: (account, inbox, signal) =>
    account.settings.mode === "socket" ? listenBySocket(account, inbox, signal) : watch(probe, account, inbox, signal),
  webhook,
  send,
  edit,
  delete: remove,
  react,
  locateFile,

  /** https://docs.slack.dev/reference/methods/assistant.threads.setStatus: where the app is an assistant, in its threads; it goes with the answer. */
  async typing(account, chat, signal) {
    if (chat.kind !== "direct" || chat.thread === undefined) return;
    await call(account, "assistant.threads.setStatus", { channel_id: chat.id, thread_ts: chat.thread, status: "is typing…" }, { signal });
  },
});

/** The scope without which nothing can be said. */
const needed = "chat:write";

/** https://docs.slack.dev/reference/methods/auth.test; the header is described at https://docs.slack.dev/authentication/installing-with-oauth */
async function probe(account: SlackAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const { mode, appToken = "" } = account.settings;
  if (mode === "socket" && !appToken.startsWith("xapp-")) {
    return fail("account-invalid", "appToken must be the app-level token, which begins with xapp-: Basic Information, App-Level Tokens");
  }
  const answer = await call(account, "auth.test", {}, { signal });
  if (!answer.ok) {
    const { fault, word } = answer.fault;
    return fault.code === "channel-auth" && word ? fail("channel-auth", `Slack refused the botToken: ${word}`) : { ok: false, fault };
  }
  const { fields, headers } = answer.value;
  if (typeof fields.user_id !== "string" || typeof fields.user !== "string") {
    return fail("channel-permanent", "the server's answer to auth.test is not the Web API's: check apiRoot");
  }
  if (fields.bot_id === undefined) return fail("account-invalid", "botToken is a person's token: take the Bot User OAuth Token, xoxb-…");
  const scopes = headers["x-oauth-scopes"]?.split(/\s*,\s*/);
  if (scopes && !scopes.includes(needed)) {
    return fail("account-invalid", `the app lacks the scope ${needed}: add it under OAuth & Permissions, and install the app again`);
  }
  return ok({ id: fields.user_id, name: `@${fields.user}` });
}
