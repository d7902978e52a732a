import type { Outbound, Reaction } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { emojiName } from "../../core/emoji-names.ts";
import { type Fault, fault } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { failed, fieldsOf, multipart, outcomeOf } from "../../core/platform-call.ts";
import { type Called, call, idShape } from "./api.ts";
import { attachmentsOf } from "./buttons.ts";
import { deliveryProp } from "./decode.ts";
import type { MattermostAccount } from "./settings.ts";

/** Bytes of one file; the server's default for `MaxFileSize` is 100 MB. */
export const maxUploadBytes = 50_000_000;

const nowhere = failed("channel-permanent", "the chat or message has no id of Mattermost's").fault;

/**
 * https://developers.mattermost.com/api-documentation/#/operations/CreatePost. For 30 seconds the server answers a second post with the same
 * `pending_post_id` with the first (`pendingPostIDsCacheTTL` of its app/post.go; each server of a cluster for itself).
 */
export async function send(account: MattermostAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const { chat, content, delivery } = outbound;
  if (!isPlace(chat)) return outcomeOf(nowhere);
  const file_ids: string[] = [];
  for (const file of [...(content.file ? [content.file] : []), ...(content.album ?? [])]) {
    const read = await outgoingFile(account, file, maxUploadBytes);
    if (!read.ok) return { kind: "refused", code: "file-refused", message: read.fault.message };
    // https://developers.mattermost.com/api-documentation/#/operations/UploadFile: nobody sees it before the post.
    const form = await multipart({ channel_id: chat.id }, [{ field: "files", ...read.value }]);
    const uploaded = await call(account, "POST", "/files", { form, signal });
    if (!uploaded.ok) return outcomeOf({ ...uploaded.fault, sure: true });
    const { file_infos: infos } = fieldsOf(uploaded.value.json);
    file_ids.push(String(fieldsOf(Array.isArray(infos) ? infos[0] : undefined).id));
  }
  const where = { channel_id: chat.id, ...(chat.thread ? { root_id: chat.thread } : {}), ...(file_ids.length > 0 ? { file_ids } : {}) };
  const json = { ...where, pending_post_id: delivery, ...wordsOf(account, outbound) };
  return posted(await call(account, "POST", "/posts", { json, signal }));
}

type Edit = Outbound & { readonly receipt: string };

/** https://developers.mattermost.com/api-documentation/#/operations/PatchPost */
export async function edit(account: MattermostAccount, outbound: Edit, signal: AbortSignal): Promise<SendOutcome> {
  if (!idShape.test(outbound.receipt)) return outcomeOf(nowhere);
  return posted(await call(account, "PUT", `/posts/${outbound.receipt}/patch`, { json: wordsOf(account, outbound), signal }));
}

function posted(answer: Called): SendOutcome {
  if (!answer.ok) return outcomeOf(answer.fault);
  const { id } = fieldsOf(answer.value.json);
  if (typeof id === "string" && idShape.test(id)) return { kind: "sent", receipt: id };
  return { kind: "unknown", code: "channel-unknown", message: "Mattermost accepted the post, but its answer names none" };
}

/**
 * `props` replace all that a post had; until v11 the server forgets with them that it is a bot's. Where presses can't reach us, buttons are
 * numbered lines: they are understood when typed.
 */
function wordsOf(account: MattermostAccount, { chat, content, delivery }: Outbound): object {
  const { text, buttons = [] } = content;
  const reachable = account.webhookUrl !== undefined;
  const lines = reachable ? [] : buttons.flat().map(({ label }, index) => `${index + 1}. ${label.replaceAll("@", "@\u200b")}`);
  const attachments = reachable ? attachmentsOf(account, chat, buttons) : [];
  // `unsafe_links`: the server fetches no previews of them.
  const previews = account.settings.linkPreviews ? {} : { unsafe_links: "true" };
  const message = [text, lines.join("\n")].filter(Boolean).join("\n\n");
  return { message, props: { from_bot: "true", [deliveryProp]: delivery, attachments, ...previews } };
}

/** https://developers.mattermost.com/api-documentation/#/operations/DeletePost */
export async function remove(
  account: MattermostAccount,
  { receipt }: Pick<Edit, "receipt">,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  if (!idShape.test(receipt)) return nowhere.fault;
  const answer = await call(account, "DELETE", `/posts/${receipt}`, { signal });
  return answer.ok || answer.fault.word === "app.post.get.app_error" ? undefined : answer.fault.fault;
}

/** https://developers.mattermost.com/api-documentation/#/operations/SaveReaction. What we had on the post before is taken away. */
export async function react(
  account: MattermostAccount,
  { platformId, reaction }: Reaction,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const wanted = reaction === undefined ? undefined : emojiName(reaction);
  if (wanted === undefined && reaction !== undefined) return fault("channel-permanent", "no name of Mattermost's is known for this emoji");
  const user_id = account.identity?.id;
  if (!idShape.test(platformId) || user_id === undefined) return nowhere.fault;
  const got = await call(account, "GET", `/posts/${platformId}/reactions`, { signal });
  if (!got.ok) return got.fault.fault;
  const all = Array.isArray(got.value.json) ? got.value.json.map(fieldsOf) : [];
  const ours = all.filter((one) => one.user_id === user_id).map((one) => String(one.emoji_name));
  for (const name of ours.filter((one) => one !== wanted)) {
    const answer = await call(account, "DELETE", `/users/${user_id}/posts/${platformId}/reactions/${encodeURIComponent(name)}`, { signal });
    if (!answer.ok) return answer.fault.fault;
  }
  if (wanted === undefined || ours.includes(wanted)) return undefined;
  const answer = await call(account, "POST", "/reactions", { json: { user_id, post_id: platformId, emoji_name: wanted }, signal });
  return answer.ok ? undefined : answer.fault.fault;
}

/** https://developers.mattermost.com/api-documentation/#/operations/PublishUserTyping */
export async function typing(account: MattermostAccount, chat: Chat, signal: AbortSignal): Promise<void> {
  const json = { channel_id: chat.id, ...(chat.thread ? { parent_id: chat.thread } : {}) };
  if (isPlace(chat)) await call(account, "POST", "/users/me/typing", { json, signal });
}

function isPlace({ id, thread }: Chat): boolean {
  return idShape.test(id) && (thread === undefined || idShape.test(thread));
}
