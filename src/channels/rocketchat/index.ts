import { defineChannel, type Identity } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { watch } from "../../core/watch.ts";
import { rocketchatMarkdown } from "../../dialects/rocketchat-markdown.ts";
import { authorization, call, idShape } from "./api.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { listen } from "./listen.ts";
import { edit, maxUploadBytes, react, remove, send, typing } from "./send.ts";
import { type RocketAccount, type Settings, settings } from "./settings.ts";
import { webhook } from "./webhook.ts";

/** https://developer.rocket.chat/apidocs */
export default defineChannel<Settings>({
  kind: "rocketchat",
  name: "Rocket.Chat",
  summary: "A bot user on any Rocket.Chat server, by socket or webhook: direct messages, rooms, threads.",
  settings,
  dialect: rocketchatMarkdown,
  limits: {
    // Message_MaxAllowedSize, by default.
    text: { max: 5_000, unit: "utf16", counts: "sent" },
    caption: { max: 5_000, unit: "utf16", counts: "sent" },
    // Users without the role bot may send 5 a second.
    rate: { account: 5, conversation: 2 },
    editEvery: { direct: 1_500, group: 2_000 },
    file: { inbound: 100_000_000, outbound: maxUploadBytes },
    // As its own apps do (UserAction.ts): renewed after 5 seconds, forgotten after 15.
    typingEvery: 5_000,
  },
  access: { direct: "open", group: "open" },
  idempotent: "words",
  threads: true,
  guide,
  pictures,
  translations: { de: german },
  probe,
  listen: (account, inbox, signal) =>
    account.settings.mode === "socket" ? listen(account, inbox, signal) : watch(probe, account, inbox, signal),
  webhook,
  send,
  edit,
  delete: remove,
  react,
  typing,

  /** The server's /file-upload, which takes the same headers as its API. */
  async locateFile(account, ref) {
    const [id = "", name = "", ...more] = ref.split("/");
    if (!idShape.test(id) || !/^[\w.%~!'()*-]{1,1024}$/.test(name) || more.length > 0)
      return fail("file-refused", "the file has no id of Rocket.Chat's");
    const url = `${account.settings.server.replace(/\/+$/, "")}/file-upload/${id}/${name}`;
    return ok({ method: "GET", url, headers: authorization(account), trust: "configured" });
  },
});

/** https://developer.rocket.chat/apidocs/get-profile-information */
async function probe(account: RocketAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const answer = await call(account, "GET", "me", { signal });
  if (!answer.ok) {
    const { fault } = answer.fault;
    return fault.code === "channel-auth" ? fail("channel-auth", "Rocket.Chat refused the token or the userId") : { ok: false, fault };
  }
  const { _id: id, username } = answer.value.fields;
  if (id !== account.settings.userId || typeof username !== "string") {
    return fail("channel-permanent", "the server's answer to /me is not Rocket.Chat's, or of another user: check server and userId");
  }
  return ok({ id, name: `@${username}` });
}
