import type { Outbound } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { fail, fault, ok, type Result } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import type { FilePart } from "../../core/message.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { type CallFailure, failed, outcomeOf } from "../../core/platform-call.ts";
import { call } from "./api.ts";
import { blocksOf } from "./blocks.ts";
import type { SlackAccount } from "./settings.ts";

/** Bytes of one file of ours; Slack itself takes 1 GB. */
export const maxUploadBytes = 50_000_000;

/**
 * Uploads, then shares: nobody sees anything before the last call, so that only its outcome can be unknown.
 * https://docs.slack.dev/messaging/working-with-files#upload
 */
export async function sendFiles(
  account: SlackAccount,
  outbound: Outbound,
  files: readonly FilePart[],
  signal: AbortSignal,
): Promise<SendOutcome> {
  const uploaded: { id: string; title: string }[] = [];
  for (const file of files) {
    const one = await upload(account, file, signal);
    if (!one.ok) return { ...outcomeOf({ ...one.fault, sure: true }) };
    uploaded.push(one.value);
  }
  const { chat, content } = outbound;
  const where = { files: uploaded, channel_id: chat.id, thread_ts: chat.thread };
  const share = (words: object) => call(account, "files.completeUploadExternal", { ...where, ...words }, { signal });
  const comment = content.text === "" ? {} : { initial_comment: content.text };
  let answer = await share(content.buttons ? { blocks: blocksOf(content) } : comment);
  if (!answer.ok && content.buttons && answer.fault.sure && answer.fault.word?.startsWith("invalid_")) {
    // The page promises rich text only. As numbered lines the buttons are understood when typed.
    const labels = content.buttons.flat().map(({ label }, index) => `${index + 1}. ${label.replace(/[&<>]/g, "")}`);
    answer = await share({ initial_comment: [content.text, ...labels].filter(Boolean).join("\n") });
  }
  return answer.ok ? { kind: "sent", receipt: uploaded.map(({ id }) => id).join(",") } : outcomeOf(answer.fault);
}

/** https://docs.slack.dev/reference/methods/files.getUploadURLExternal, and the bytes to the address that it names. */
async function upload(
  account: SlackAccount,
  file: FilePart,
  signal: AbortSignal,
): Promise<Result<{ id: string; title: string }, CallFailure>> {
  const read = await outgoingFile(account, file, maxUploadBytes);
  if (!read.ok) return { ok: false, fault: { fault: read.fault, sure: true } };
  const { name: title, bytes } = read.value;
  const place = await call(account, "files.getUploadURLExternal", { filename: title, length: bytes.length }, { signal });
  if (!place.ok) return place;
  const { upload_url: url, file_id: id } = place.value.fields;
  if (typeof url !== "string" || typeof id !== "string" || !isSlacks(account, url))
    return failed("file-refused", "Slack named no place to upload to");
  const put = await account.http.send({
    method: "POST",
    url,
    headers: { "content-type": "application/octet-stream" },
    body: bytes,
    timeoutMs: 180_000,
    signal,
  });
  if (!put.ok) return { ok: false, fault: { fault: put.fault, sure: true } };
  const { status } = put.value;
  if (status === 200) return ok({ id, title });
  const code = status === 429 || status >= 500 ? "channel-retry" : "channel-permanent";
  return { ok: false, fault: { fault: fault(code, `Slack refused the upload of a file: ${status}`), sure: true } };
}

/**
 * https://docs.slack.dev/reference/methods/files.info: the address that it names takes the bot token, so it has to be Slack's. A
 * file that comes through a shared channel is described by this call alone.
 */
export async function locateFile(account: SlackAccount, ref: string, signal: AbortSignal): Promise<Result<HttpRequest>> {
  const answer = await call(account, "files.info", { file: ref }, { signal });
  if (!answer.ok) {
    const { fault, word } = answer.fault;
    return word && fault.code === "channel-permanent"
      ? fail("file-refused", `Slack doesn't hand out the file: ${word}`)
      : { ok: false, fault };
  }
  const { file } = answer.value.fields as { file?: { url_private_download?: unknown; url_private?: unknown } };
  const url = file?.url_private_download ?? file?.url_private;
  if (typeof url !== "string" || !isSlacks(account, url))
    return fail("file-refused", "Slack doesn't hand out the file: it named no address of its own");
  return ok({ method: "GET", url, headers: { authorization: `Bearer ${account.settings.botToken}` }, trust: "configured" });
}

/** Files are at files.slack.com; a stand-in's are where its API is. */
function isSlacks(account: SlackAccount, address: string): boolean {
  const url = URL.parse(address);
  const root = URL.parse(account.settings.apiRoot);
  if (!url || !root || url.username !== "") return false;
  return (
    url.origin === root.origin || (url.protocol === "https:" && url.port === "" && /(^|\.)slack(-gov|-files)?\.com$/.test(url.hostname))
  );
}
