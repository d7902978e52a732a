import { defineChannel, type Identity } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import { chatMarkdown } from "../../dialects/chat-markdown.ts";
import { address, authorization, call, idShape } from "./api.ts";
import { webhook } from "./buttons.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { listen } from "./listen.ts";
import { edit, maxUploadBytes, react, remove, send, typing } from "./send.ts";
import { type MattermostAccount, type Settings, settings } from "./settings.ts";

/** https://developers.mattermost.com/api-documentation/ */
export default defineChannel<Settings>({
  kind: "mattermost",
  name: "Mattermost",
  summary: "A bot account on any Mattermost server, over its socket: direct messages, channels, threads, buttons.",
  settings,
  dialect: chatMarkdown,
  limits: {
    // PostMessageMaxRunesV2 of the server's model/post.go.
    text: { max: 16_383, unit: "code-point", counts: "sent" },
    caption: { max: 16_383, unit: "code-point", counts: "sent" },
    // RateLimitSettings: off by default; 10 a second when it is on.
    rate: { account: 10, conversation: 5 },
    editEvery: { direct: 1_000, group: 1_500 },
    file: { inbound: 100_000_000, outbound: maxUploadBytes },
    buttons: { count: 25, label: 80, links: false },
    // A post's `file_ids` may have 300 characters, 10 ids.
    album: { count: 10, kinds: [["image", "file", "audio", "video", "voice"]] },
    // The server's TimeBetweenUserTypingUpdatesMilliseconds, after which apps forget it: 5 seconds.
    typingEvery: 4_500,
  },
  access: { direct: "open", group: "open" },
  idempotent: "briefly",
  receipts: true,
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

  /** https://developers.mattermost.com/api-documentation/#/operations/GetFile */
  async locateFile(account, ref) {
    if (!idShape.test(ref)) return fail("file-refused", "the file has no id of Mattermost's");
    return ok({ method: "GET", url: address(account, `/files/${ref}`), headers: authorization(account), trust: "configured" });
  },
});

/** https://developers.mattermost.com/api-documentation/#/operations/GetUser */
async function probe(account: MattermostAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const answer = await call(account, "GET", "/users/me", { signal });
  if (!answer.ok) {
    const { fault } = answer.fault;
    return fault.code === "channel-auth" ? fail("channel-auth", "Mattermost refused the token") : { ok: false, fault };
  }
  const { id, username } = fieldsOf(answer.value.json);
  if (typeof id !== "string" || !idShape.test(id) || typeof username !== "string") {
    return fail("channel-permanent", "the server's answer to /users/me is not Mattermost's: check server");
  }
  return ok({ id, name: `@${username}` });
}
