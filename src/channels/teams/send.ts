import type { Outbound } from "../../core/channel.ts";
import type { DeliveryContent, SendOutcome } from "../../core/delivery.ts";
import { type Fault, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import type { FilePart } from "../../core/message.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { fieldsOf, outcomeOf } from "../../core/platform-call.ts";
import { call, conversationOf } from "./api.ts";
import type { TeamsAccount } from "./settings.ts";

/** Bytes of an inline image. */
export const maxPicture = 1_000_000;

type Sent = Outbound & { readonly receipt: string };
type Place = Pick<Sent, "chat" | "receipt">;

/** Words, a card or an image, never two of them: Teams would make two messages of that, and name neither. */
export async function send(account: TeamsAccount, { chat, content }: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const image = content.file && (await imageOf(account, content.file));
  if (image?.ok === false) return { kind: "refused", code: image.fault.code, message: image.fault.message };
  const json = { ...messageOf(account, chat), ...(image ? { attachments: [image.value] } : bodyOf(content)) };
  const answer = await call(account, chat, "POST", "/activities", signal, json);
  if (!answer.ok) return outcomeOf(answer.fault);
  const { id } = fieldsOf(answer.value);
  if (typeof id === "string" && id !== "") return { kind: "sent", receipt: id };
  return { kind: "unknown", code: "channel-unknown", message: "Teams accepted the message, but its answer names none" };
}

/** https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/update-and-delete-bot-messages: words may become a card, and a card words. */
export async function edit(account: TeamsAccount, { chat, content, receipt }: Sent, signal: AbortSignal): Promise<SendOutcome> {
  const json = { ...messageOf(account, chat), id: receipt, ...bodyOf(content) };
  const answer = await call(account, chat, "PUT", activityPath(receipt), signal, json);
  return answer.ok ? { kind: "sent", receipt } : outcomeOf(answer.fault);
}

export async function remove(account: TeamsAccount, { chat, receipt }: Place, signal: AbortSignal): Promise<Fault | undefined> {
  const answer = await call(account, chat, "DELETE", activityPath(receipt), signal);
  return answer.ok || answer.fault.word === "ActivityNotFoundInConversation" ? undefined : answer.fault.fault;
}

/** Chats have an indicator, channels none. */
export async function typing(account: TeamsAccount, chat: Chat, signal: AbortSignal): Promise<void> {
  if (chat.thread === undefined) await call(account, chat, "POST", "/activities", signal, { ...messageOf(account, chat), type: "typing" });
}

const activityPath = (receipt: string) => `/activities/${encodeURIComponent(receipt)}`;

function messageOf({ settings }: TeamsAccount, chat: Chat) {
  return { type: "message", from: { id: `28:${settings.appId}` }, conversation: { id: conversationOf(chat) } };
}

function bodyOf({ text, visible, buttons }: DeliveryContent): object {
  if (!buttons) return { text, textFormat: "markdown" };
  return {
    attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content: cardOf(text, buttons) }],
    summary: visible.slice(0, 200),
  };
}

/** Buttons side by side in one set of a card. */
const inARow = 6;

/**
 * https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/universal-action-model#teams: `Action.Execute` is pressed unseen by others; clients that
 * don't know it press `Action.Submit` instead.
 */
function cardOf(text: string, rows: NonNullable<DeliveryContent["buttons"]>): object {
  const sets = rows.flatMap((row) =>
    Array.from({ length: Math.ceil(row.length / inARow) }, (_, at) => row.slice(at * inARow, (at + 1) * inARow)),
  );
  return {
    ...{ type: "AdaptiveCard", $schema: "http://adaptivecards.io/schemas/adaptive-card.json", version: "1.2", msteams: { width: "Full" } },
    body: [
      { type: "TextBlock", text, wrap: true },
      ...sets.map((row) => ({
        type: "ActionSet",
        actions: row.map(({ label: title, token, url }) => {
          if (url !== undefined) return { type: "Action.OpenUrl", title, url };
          const data = { press: token };
          return { type: "Action.Execute", title, verb: "press", data, fallback: { type: "Action.Submit", title, data } };
        }),
      })),
    ],
  };
}

/** https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/conversation-messages#picture-messages, inline as bots-filesv4 shows it. */
async function imageOf(account: TeamsAccount, file: FilePart): Promise<Result<object>> {
  const read = await outgoingFile(account, file, maxPicture);
  if (!read.ok) return read;
  const { name, mediaType, bytes } = read.value;
  return ok({ contentType: mediaType, contentUrl: `data:${mediaType};base64,${Buffer.from(bytes).toString("base64")}`, name });
}
