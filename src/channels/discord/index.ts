import { defineChannel, type Identity } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import { discordMarkdown } from "../../dialects/discord-markdown.ts";
import { call } from "./api.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { respond, webhook } from "./interactions.ts";
import { listen } from "./listen.ts";
import { edit, maxUploadBytes, react, remove, send, typing } from "./send.ts";
import { type DiscordAccount, type Settings, settings } from "./settings.ts";

/** https://docs.discord.com/developers */
export default defineChannel<Settings>({
  kind: "discord",
  name: "Discord",
  summary: "A Discord bot, over the gateway: direct messages, channels, threads, buttons, slash commands.",
  settings,
  dialect: discordMarkdown,
  limits: {
    text: { max: 2_000, unit: "utf16", counts: "sent" },
    caption: { max: 2_000, unit: "utf16", counts: "sent" },
    // https://docs.discord.com/developers/topics/rate-limits; a route's own limit isn't published, and is told by 429.
    rate: { account: 50, conversation: 1 },
    editEvery: { direct: 1_500, group: 1_500 },
    file: { inbound: 100_000_000, outbound: maxUploadBytes },
    buttons: { count: 25, label: 80 },
    album: { count: 10, kinds: [["image", "file", "audio", "video", "voice"]] },
    // https://docs.discord.com/developers/resources/channel#trigger-typing-indicator: 10 seconds.
    typingEvery: 9_000,
  },
  access: { direct: "open", group: "open", public: true },
  idempotent: "briefly",
  threads: true,
  guide,
  pictures,
  translations: { de: german },
  probe,
  listen,
  webhook,
  send,
  edit,
  delete: remove,
  react,
  typing,
  async acknowledgePress(account, press, signal) {
    if (press.interaction) await respond(account, press.interaction, { type: 6 }, signal);
  },

  /** An attachment's address is signed and holds for a day; it takes no token. */
  async locateFile({ settings: { apiRoot } }, ref): Promise<Result<HttpRequest>> {
    const url = URL.parse(ref);
    const standIn = url?.origin === URL.parse(apiRoot)?.origin;
    const ours = url?.protocol === "https:" && /^(cdn\.discordapp\.com|media\.discordapp\.net)$/.test(url.hostname);
    if (!url || !(standIn || ours)) return fail("file-refused", "the attachment's address is none of Discord's");
    return ok({ method: "GET", url: url.href, trust: standIn ? "configured" : "public" });
  },
});

/** https://docs.discord.com/developers/resources/user#get-current-user */
async function probe(account: DiscordAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const answer = await call(account, "GET", "/users/@me", { signal });
  if (!answer.ok) {
    const { fault, status } = answer.fault;
    return status === 401 ? fail("channel-auth", "Discord refused the botToken: 401") : { ok: false, fault };
  }
  const me = answer.value as { id?: unknown; username?: unknown } | null;
  if (typeof me?.id !== "string" || typeof me.username !== "string") {
    return fail("channel-permanent", "the server's answer to /users/@me is not Discord's: check apiRoot");
  }
  return ok({ id: me.id, name: `@${me.username}` });
}
