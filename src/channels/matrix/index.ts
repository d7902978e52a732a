import { defineChannel, type Identity } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { matrixHtml } from "../../dialects/matrix-html.ts";
import { address, authorization, call, path } from "./api.ts";
import { readRef, unseal } from "./attachment.ts";
import { mxcShape } from "./decode.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { listen } from "./listen.ts";
import { deviceOf, loadPackages, packages } from "./machine.ts";
import { edit, maxUploadBytes, react, redact, send } from "./send.ts";
import { type MatrixAccount, type Settings, settings } from "./settings.ts";

/** https://spec.matrix.org/v1.16/client-server-api/ */
export default defineChannel<Settings>({
  kind: "matrix",
  name: "Matrix",
  summary: "An account on any Matrix homeserver, by sync: rooms, direct and shared, and threads; encrypted ones with two more packages.",
  settings,
  dialect: matrixHtml,
  limits: {
    // An event may have 65,536 bytes (https://spec.matrix.org/v1.16/client-server-api/#size-limits); an edit holds the text four times.
    text: { max: 12_000, unit: "byte", counts: "sent" },
    caption: { max: 12_000, unit: "byte", counts: "sent" },
    // Each homeserver has its own; Synapse's default is 10 at once, then one in five seconds (rc_message). What it asks for is kept.
    rate: { account: 5, conversation: 1 },
    editEvery: { direct: 3_000, group: 6_000 },
    file: { inbound: 50_000_000, outbound: maxUploadBytes },
    // The 20 seconds that `typing` asks for.
    typingEvery: 15_000,
  },
  idempotent: true,
  threads: true,
  packages,
  guide,
  pictures,
  translations: { de: german },
  probe,
  listen,
  send,
  edit,
  react,
  delete: redact,

  /** https://spec.matrix.org/v1.16/client-server-api/#typing-notifications */
  async typing(account, chat, signal) {
    if (!account.identity) return;
    await call(
      account,
      "PUT",
      `client/v3/${path("rooms", chat.id, "typing", account.identity.id)}`,
      { typing: true, timeout: 20_000 },
      { signal },
    );
  },

  /** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediadownloadservernamemediaid; the operator named the homeserver. */
  async locateFile(account, ref) {
    const { url = "", sealed } = readRef(ref) ?? {};
    const [, server, media] = mxcShape.exec(url) ?? [];
    if (server === undefined || media === undefined) return fail("file-refused", "the file's address is no mxc://");
    return ok({
      ...(sealed && { open: (bytes: Uint8Array) => unseal(sealed, bytes) }),
      method: "GET",
      url: address(account, `client/v1/${path("media", "download", server, media)}`),
      headers: authorization(account),
      trust: "configured",
    });
  },
});

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3accountwhoami */
async function probe(account: MatrixAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const answer = await call(account, "GET", "client/v3/account/whoami", undefined, { signal });
  if (!answer.ok) return { ok: false, fault: answer.fault.fault };
  const { user_id: id } = answer.value;
  if (typeof id !== "string" || !/^@[^\s:]*:\S+$/.test(id))
    return fail("channel-permanent", "the server's answer to whoami is no homeserver's: check homeserver");
  if (account.settings.encryption) {
    const loaded = await loadPackages(account);
    const device = loaded.ok ? await deviceOf(account, signal) : loaded;
    if (!device.ok) return device;
  }
  return ok({ id, name: id });
}
