import type { Outbound, Reaction } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { type Fault, fault } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import type { FilePart } from "../../core/message.ts";
import { type OutgoingFile, outgoingFile } from "../../core/outgoing-file.ts";
import { outcomeOf } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import { type CallOptions, call, isSnowflake } from "./api.ts";
import type { DiscordAccount } from "./settings.ts";

/** https://docs.discord.com/developers/reference#uploading-files: of an application, in a server without boosts. */
export const maxUploadBytes = 10_000_000;
const suppressEmbeds = 1 << 2;

/**
 * https://docs.discord.com/developers/resources/message#create-message. The nonce is the delivery's id (25 characters, the most that is
 * taken): for some minutes a second send with it gives the first one's message. Nobody is ever mentioned.
 */
export async function send(account: DiscordAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const path = messagesOf(outbound.chat);
  if (path === undefined) return nowhere;
  const { content, delivery } = outbound;
  const files = await filesOf(account, [...(content.file ? [content.file] : []), ...(content.album ?? [])]);
  if (!Array.isArray(files)) return { kind: "refused", code: "file-refused", message: (files as Fault).message };
  const replyTo = content.replyTo !== undefined && isSnowflake(content.replyTo) ? content.replyTo : undefined;
  const json = {
    ...bodyOf(account, content),
    nonce: delivery,
    enforce_nonce: true,
    ...(replyTo ? { message_reference: { message_id: replyTo, fail_if_not_exists: false } } : {}),
    ...(files.length > 0 ? { attachments: files.map(({ name }, id) => ({ id: String(id), filename: name })) } : {}),
  };
  const answer = await call(account, "POST", path, { json, signal, ...(files.length > 0 ? { files } : {}) });
  if (!answer.ok) return outcomeOf(answer.fault);
  const id = (answer.value as { id?: Json } | null)?.id;
  if (typeof id === "string") return { kind: "sent", receipt: id };
  return { kind: "unknown", code: "channel-unknown", message: "Discord accepted the message, but its answer names none" };
}

/** https://docs.discord.com/developers/resources/message#edit-message */
export async function edit(
  account: DiscordAccount,
  { chat, content, receipt }: Outbound & { readonly receipt: string },
  signal: AbortSignal,
): Promise<SendOutcome> {
  const path = messagesOf(chat, receipt);
  if (path === undefined) return nowhere;
  const answer = await call(account, "PATCH", path, { json: bodyOf(account, content), signal });
  return answer.ok ? { kind: "sent", receipt } : outcomeOf(answer.fault);
}

/** https://docs.discord.com/developers/resources/message#delete-message */
export async function remove(
  account: DiscordAccount,
  { chat, receipt }: { readonly chat: Chat; readonly receipt: string },
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const path = messagesOf(chat, receipt);
  if (path === undefined) return fault("channel-permanent", nowhere.message);
  const answer = await call(account, "DELETE", path, { signal });
  return answer.ok || answer.fault.word === unknownMessage ? undefined : answer.fault.fault;
}

const unknownMessage = "10008";

/** https://docs.discord.com/developers/resources/message#create-reaction. What we had on the message before is taken away. */
export async function react(
  account: DiscordAccount,
  { chat, platformId, reaction }: Reaction,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const path = messagesOf(chat, platformId);
  if (path === undefined) return fault("channel-permanent", nowhere.message);
  const got = await call(account, "GET", path, { signal });
  if (!got.ok) return got.fault.fault;
  const ours = ownReactions(got.value);
  for (const name of ours.filter((one) => one !== reaction)) {
    const answer = await call(account, "DELETE", `${path}/reactions/${encodeURIComponent(name)}/@me`, { signal });
    if (!answer.ok) return answer.fault.fault;
  }
  if (reaction === undefined || ours.includes(reaction)) return undefined;
  const answer = await call(account, "PUT", `${path}/reactions/${encodeURIComponent(reaction)}/@me`, { signal });
  return answer.ok ? undefined : answer.fault.fault;
}

function ownReactions(message: Json): string[] {
  const { reactions } = (message ?? {}) as { reactions?: unknown };
  if (!Array.isArray(reactions)) return [];
  return (reactions as readonly { me?: unknown; emoji?: { id?: unknown; name?: unknown } }[]).flatMap(({ me, emoji }) => {
    if (me !== true || typeof emoji?.name !== "string") return [];
    return [typeof emoji.id === "string" ? `${emoji.name}:${emoji.id}` : emoji.name];
  });
}

/** https://docs.discord.com/developers/resources/channel#trigger-typing-indicator */
export async function typing(account: DiscordAccount, chat: Chat, signal: AbortSignal): Promise<void> {
  const channel = chat.thread ?? chat.id;
  if (isSnowflake(channel)) await call(account, "POST", `/channels/${channel}/typing`, { signal });
}

const nowhere = { kind: "refused", code: "channel-permanent", message: "the chat or message has no id of Discord's" } as const;

/** A thread is a channel of its own. */
function messagesOf(chat: Chat, message?: string): string | undefined {
  const channel = chat.thread ?? chat.id;
  if (!isSnowflake(channel) || (message !== undefined && !isSnowflake(message))) return undefined;
  return `/channels/${channel}/messages${message === undefined ? "" : `/${message}`}`;
}

function bodyOf(account: DiscordAccount, { text, buttons }: Outbound["content"]): object {
  const flags = account.settings.linkPreviews ? 0 : suppressEmbeds;
  return { content: text, allowed_mentions: { parse: [] }, components: rowsOf(buttons), flags };
}

/** https://docs.discord.com/developers/components/reference#button: five rows of five; rows that are too many or too long are filled anew. */
function rowsOf(rows: Outbound["content"]["buttons"] = []): readonly object[] {
  const fit = rows.length <= 5 && rows.every((row) => row.length <= 5);
  const all = rows.flat();
  const chunks = fit ? rows : Array.from({ length: Math.ceil(all.length / 5) }, (_, index) => all.slice(index * 5, index * 5 + 5));
  return chunks.map((row) => ({
    type: 1,
    components: row.map(({ label, token, url }) =>
      url === undefined ? { type: 2, style: 2, label, custom_id: token } : { type: 2, style: 5, label, url },
    ),
  }));
}

async function filesOf(account: DiscordAccount, parts: readonly FilePart[]): Promise<NonNullable<CallOptions["files"]> | Fault> {
  const files: OutgoingFile[] = [];
  for (const part of parts) {
    const read = await outgoingFile(account, part, maxUploadBytes);
    if (!read.ok) return read.fault;
    files.push(read.value);
  }
  return files;
}
