import type { Outbound, Reaction } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { emojiName } from "../../core/emoji-names.ts";
import { type Fault, fault } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { outcomeOf } from "../../core/platform-call.ts";
import { call } from "./api.ts";
import { blocksOf } from "./blocks.ts";
import { sendFiles } from "./files.ts";
import type { SlackAccount } from "./settings.ts";

/** https://docs.slack.dev/reference/methods/chat.postMessage. It has no key against doubles. */
export async function send(account: SlackAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const { chat, content } = outbound;
  if (content.file) return sendFiles(account, outbound, [content.file, ...(content.album ?? [])], signal);
  const answer = await call(
    account,
    "chat.postMessage",
    {
      channel: chat.id,
      thread_ts: chat.thread,
      text: content.text,
      blocks: blocksOf(content),
      ...previews(account),
    },
    { signal },
  );
  if (!answer.ok) return outcomeOf(answer.fault);
  const { ts } = answer.value.fields;
  if (typeof ts === "string") return { kind: "sent", receipt: ts };
  return { kind: "unknown", code: "channel-unknown", message: "Slack accepted chat.postMessage, but its answer names no message" };
}

/** https://docs.slack.dev/reference/methods/chat.update */
export async function edit(
  account: SlackAccount,
  { chat, content, receipt }: Outbound & { readonly receipt: string },
  signal: AbortSignal,
): Promise<SendOutcome> {
  if (isFile(receipt)) return { kind: "refused", code: "channel-permanent", message: "the words beside a file can't be changed in Slack" };
  const fields = { channel: chat.id, ts: receipt, text: content.text, blocks: blocksOf(content) };
  const answer = await call(account, "chat.update", fields, { signal });
  return answer.ok ? { kind: "sent", receipt } : outcomeOf(answer.fault);
}

/** https://docs.slack.dev/reference/methods/chat.delete; a file of ours by https://docs.slack.dev/reference/methods/files.delete */
export async function remove(
  account: SlackAccount,
  { chat, receipt }: { readonly chat: Chat; readonly receipt: string },
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const files = isFile(receipt) ? receipt.split(",") : undefined;
  for (const [method, fields] of files?.map((file) => ["files.delete", { file }] as const) ?? [
    ["chat.delete", { channel: chat.id, ts: receipt }] as const,
  ]) {
    const answer = await call(account, method, fields, { signal });
    if (!answer.ok && !/^(message_not_found|file_not_found|file_deleted)$/.test(answer.fault.word ?? "")) return answer.fault.fault;
  }
  return undefined;
}

/**
 * https://docs.slack.dev/reference/methods/reactions.add. Without a reaction, all of ours that the message has are taken away:
 * https://docs.slack.dev/reference/methods/reactions.get says which they are.
 */
export async function react(
  account: SlackAccount,
  { chat, platformId, reaction }: Reaction,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const wanted = reaction === undefined ? undefined : emojiName(reaction);
  if (reaction !== undefined && wanted === undefined)
    return fault("channel-permanent", "Slack has no name for this emoji that is known here");
  const got = await call(account, "reactions.get", { channel: chat.id, timestamp: platformId, full: true }, { signal });
  if (!got.ok) return got.fault.fault;
  const ours = ownReactions(got.value.fields.message, account.identity?.id);
  for (const name of ours.filter((one) => one !== wanted)) {
    const answer = await call(account, "reactions.remove", { channel: chat.id, timestamp: platformId, name }, { signal });
    if (!answer.ok && answer.fault.word !== "no_reaction") return answer.fault.fault;
  }
  if (wanted === undefined || ours.includes(wanted)) return undefined;
  const answer = await call(account, "reactions.add", { channel: chat.id, timestamp: platformId, name: wanted }, { signal });
  return answer.ok || answer.fault.word === "already_reacted" ? undefined : answer.fault.fault;
}

function ownReactions(message: unknown, self: string | undefined): string[] {
  const all = (message as { reactions?: unknown } | undefined)?.reactions;
  if (!Array.isArray(all) || self === undefined) return [];
  return (all as readonly { name?: unknown; users?: unknown }[]).flatMap(({ name, users }) => {
    return typeof name === "string" && Array.isArray(users) && users.includes(self) ? [name] : [];
  });
}

function previews(account: SlackAccount): { unfurl_links: boolean; unfurl_media: boolean } {
  return { unfurl_links: account.settings.linkPreviews, unfurl_media: account.settings.linkPreviews };
}

/** What `sendFiles` gives as its receipt: ids of files, not the `ts` of a message. */
function isFile(receipt: string): boolean {
  return receipt.startsWith("F");
}
