import { defineChannel, type Identity, type LocatedFile } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { teamsMarkdown } from "../../dialects/teams-markdown.ts";
import { trustOf } from "./api.ts";
import { withToken } from "./decode.ts";
import { german } from "./german.ts";
import { locateShared, sharedFile } from "./graph.ts";
import { guide, pictures } from "./guide.ts";
import { heldOf } from "./held.ts";
import { edit, maxPicture, remove, send, typing } from "./send.ts";
import { type Settings, settings, type TeamsAccount } from "./settings.ts";
import { webhook } from "./webhook.ts";

/** https://learn.microsoft.com/en-us/microsoftteams/platform/bots/ */
export default defineChannel<Settings>({
  kind: "teams",
  name: "Microsoft Teams",
  summary: "A Teams app's bot, by webhook: personal and group chats, channels and their threads, buttons, files.",
  settings,
  dialect: teamsMarkdown,
  limits: {
    // https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/format-your-bot-messages: 40 KB in UTF-16 by the older page, with all around it.
    text: { max: 10_000, unit: "utf16", counts: "sent" },
    // https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/rate-limit: in a conversation 60 in 30 s; in a tenant 30 a second.
    rate: { account: 30, conversation: 2 },
    editEvery: { direct: 1_000, group: 2_000 },
    file: {
      inbound: 100_000_000,
      outbound: maxPicture,
      types: { "image/png": maxPicture, "image/jpeg": maxPicture, "image/gif": maxPicture },
    },
    // Nobody publishes a figure; a card with more than this isn't looked at.
    buttons: { count: 24, label: 80, files: false },
    // https://github.com/microsoft/botframework-sdk/blob/main/specs/botframework-activity/botframework-activity.md#typing-activity: 3 seconds, and no more often.
    typingEvery: 3_000,
  },
  access: { direct: "open", group: "open" },
  idempotent: false,
  threads: true,
  guide,
  pictures,
  translations: { de: german },
  probe,
  webhook,
  send,
  edit,
  delete: remove,
  typing,

  /** A file of a chat has an address that opens it by itself; an inline image is at the connector, which wants the bot's token. */
  async locateFile(account, ref, signal): Promise<Result<LocatedFile>> {
    if (sharedFile.test(ref)) return locateShared(account, ref, signal);
    const url = ref.replace(withToken, "");
    const trust = trustOf(account, url);
    if (!URL.canParse(url) || (!url.startsWith("https://") && trust === "public"))
      return fail("file-refused", "the attachment has no address that can be fetched");
    if (url === ref) return ok({ method: "GET", url, trust });
    const token = await heldOf(account).token.get();
    return token.ok
      ? ok({ method: "GET", url, trust, headers: { authorization: `Bearer ${token.value}` } })
      : { ok: false, fault: token.fault.fault };
  },
});

/** Nothing tells a bot who it is; but the app's password must be good, and the keys that sign what is posted must be there. */
async function probe(account: TeamsAccount): Promise<Result<Identity>> {
  const { token, verifier } = heldOf(account);
  const renewed = await token.renew();
  const trouble = renewed.ok ? await verifier.trouble() : renewed.fault.fault;
  return trouble ? { ok: false, fault: trouble } : ok({ id: `28:${account.settings.appId}`, name: account.settings.appId });
}
