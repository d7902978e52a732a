import { defineChannel, type Identity } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { htmlMail } from "../../dialects/html-mail.ts";
import { imapFault, withImap } from "../../wires/mail/imap.ts";
import { probeSmtp } from "../../wires/mail/smtp.ts";
import { fetchFile } from "./files.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { listen } from "./listen.ts";
import { maxUploadBytes, send } from "./send.ts";
import { type EmailAccount, loginOf, ownAddress, type Settings, settings } from "./settings.ts";

/** https://www.rfc-editor.org/rfc/rfc9051 (IMAP), https://www.rfc-editor.org/rfc/rfc5321 (SMTP), https://www.rfc-editor.org/rfc/rfc5322 (mail) */
export default defineChannel<Settings>({
  kind: "email",
  name: "E-mail",
  summary: "A mailbox: mail is read over IMAP and answered over SMTP, a conversation a thread.",
  settings,
  dialect: htmlMail,
  limits: {
    text: { max: 100_000, unit: "utf16", counts: "visible" },
    caption: { max: 100_000, unit: "utf16", counts: "visible" },
    // Providers publish limits by the day (Gmail: 500); this keeps a burst from looking like one of spam.
    rate: { account: 1, conversation: 0.2 },
    file: { inbound: 25_000_000, outbound: maxUploadBytes },
  },
  idempotent: false,
  receipts: true,
  threads: true,
  guide,
  pictures,
  translations: { de: german },
  probe,
  listen,
  send,
  fetchFile,
});

/** Logs in at both servers, and looks whether the folders are there. */
async function probe({ settings }: EmailAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const login = loginOf(settings, settings.imap);
  try {
    const missing = await withImap(login, signal, async (client) => {
      const folders = new Set((await client.list()).map(({ path }) => path));
      const isThere = (folder: string) => folders.has(folder) || folder.toUpperCase() === "INBOX";
      return [settings.mailbox, settings.moveTo ?? "INBOX"].find((folder) => !isThere(folder));
    });
    if (missing !== undefined) return fail("account-invalid", `the mailbox has no folder ${JSON.stringify(missing)}`);
  } catch (thrown) {
    return { ok: false, fault: imapFault(thrown, login, "logging in") };
  }
  const refused = await probeSmtp(loginOf(settings, settings.smtp), signal);
  const { address, name } = ownAddress(settings.address);
  return refused ? { ok: false, fault: refused } : ok({ id: address, name: name || address });
}
