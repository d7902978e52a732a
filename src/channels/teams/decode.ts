import type { Chat, PlatformEvent, Sender } from "../../core/event.ts";
import { type FilePart, type Part, textPart } from "../../core/message.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import type { Instant } from "../../core/terms.ts";
import type { Activity, Attachment, Party } from "./activity.ts";
import { sharedFiles } from "./graph.ts";

/** What one verified activity says. Pure; `now` stands in where it names no time; `graph`: files of channels and group chats can be fetched. */
export function decode(activity: Activity, now: Instant, graph: boolean): readonly PlatformEvent[] {
  if (activity.id === "") return [];
  const base = baseOf(activity, now);
  const parts = partsOf(activity, graph);
  switch (activity.type) {
    case "message": {
      const pressed = pressOf(activity, base, activity.value);
      if (pressed.length > 0 || parts.length === 0) return pressed;
      const addressed = base.chat.kind === "direct" || mentions(activity).some(({ mentioned }) => mentioned?.id === activity.recipient.id);
      // The id is the message's in its conversation, and the same when Teams posts it again.
      return [{ ...base, kind: "message", key: `${activity.conversation.id}:${activity.id}`, platformId: activity.id, parts, addressed }];
    }
    case "messageUpdate":
      return parts.length > 0 ? [{ ...base, kind: "edit", platformId: activity.id, parts }] : [];
    case "messageDelete":
      return [{ ...base, kind: "delete", platformId: activity.id }];
    case "messageReaction": {
      const { replyToId: platformId, reactionsAdded = [], reactionsRemoved = [] } = activity;
      if (!platformId || reactionsAdded.length + reactionsRemoved.length === 0) return [];
      return [{ ...base, kind: "reaction", platformId, reactions: reactionsAdded.map(({ type }) => emoji[type] ?? `:${type}:`) }];
    }
    case "conversationUpdate":
      return [...memberships(activity, base, "joined"), ...memberships(activity, base, "left")];
    case "installationUpdate": {
      const [, verb] = /^(add|remove)/.exec(activity.action ?? "") ?? [];
      return verb ? [{ ...base, kind: "membership", change: verb === "add" ? "joined" : "left" }] : [];
    }
    case "invoke":
      return activity.name === "adaptiveCard/action" ? pressOf(activity, base, fieldsOf(fieldsOf(activity.value).action).data) : [];
    default:
      return [];
  }
}

/** An edit and a deletion have their message's id: what tells them apart is their kind and time. */
function baseOf(activity: Activity, now: Instant) {
  const { conversation, type, id, timestamp = "", from } = activity;
  const at = Date.parse(timestamp);
  return {
    key: [conversation.id, type, id, timestamp].join(":"),
    chat: chatOf(activity),
    sender: senderOf(from, activity),
    at: Number.isNaN(at) ? now : at,
  };
}

type Base = ReturnType<typeof baseOf>;

export function chatOf({ conversation: { id: whole, conversationType, name }, channelData }: Activity): Chat {
  const [id = "", thread] = whole.split(";messageid=", 2);
  const title = channelData?.channel?.name ?? name;
  const kind = conversationType === "personal" ? "direct" : "group";
  return { id, kind, ...(thread ? { thread } : {}), ...(title ? { title } : {}) };
}

/** Users are `29:…`, for each app another id; apps are `28:…`. */
function senderOf({ id, name, role }: Party, { recipient }: Activity): Sender {
  return { id, ...(name ? { name } : {}), bot: role === "bot" || id.startsWith("28:"), self: id === recipient.id };
}

function mentions({ entities = [] }: Activity) {
  return entities.filter(({ type }) => type?.toLowerCase() === "mention");
}

/** Mentions are known by their entities, whatever the text says: our own goes, the others become what people see. */
function partsOf(activity: Activity, graph: boolean): readonly Part[] {
  let words = activity.text ?? "";
  for (const { text, mentioned } of mentions(activity)) {
    if (!text || !mentioned) continue;
    words = words.replaceAll(text, () => (mentioned.id === activity.recipient.id ? "" : `@${mentioned.name ?? mentioned.id}`));
  }
  const files = (activity.attachments ?? []).flatMap((one) => fileOf(one, activity, graph));
  return [...(words.trim() === "" ? [] : [textPart(words.trim())]), ...files];
}

/** Begins the address of an attachment that the bot's token opens: of the connector itself, as a verified activity named it. */
export const withToken = /^token /;

/** https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/bots-filesv4 */
function fileOf({ contentType, contentUrl, content, name }: Attachment, activity: Activity, graph: boolean): readonly Part[] {
  const { serviceUrl } = activity;
  const named = name ? { name } : {};
  if (contentType === "application/vnd.microsoft.teams.file.download.info") {
    const { downloadUrl, fileType } = fieldsOf(content);
    if (typeof downloadUrl !== "string" || !URL.canParse(downloadUrl)) return [];
    return [{ type: kindOf(String(fileType)), source: { at: "platform", ref: downloadUrl }, ...named }];
  }
  if (contentType === "text/html" && typeof content === "string" && content.includes("<attachment id=")) {
    // The text again, with what lies in the team's SharePoint.
    const shared = graph ? sharedFiles(activity, content) : [];
    if (shared.length > 0) return shared.map((ref) => ({ type: "file", source: { at: "platform", ref } }));
    return [
      { type: "file", source: { at: "nowhere", reason: "Teams hands out files of channels and group chats through Microsoft Graph only" } },
    ];
  }
  const kind = /^(image|audio|video)\//.exec(contentType)?.[1] as FilePart["type"] | undefined;
  const address = contentUrl && URL.parse(contentUrl);
  if (!kind || !address) return [];
  const ours = address.origin === new URL(serviceUrl).origin;
  const mediaType = contentType.endsWith("*") ? {} : { mediaType: contentType };
  return [{ type: kind, source: { at: "platform", ref: ours ? `token ${contentUrl}` : contentUrl, ...mediaType }, ...named }];
}

function kindOf(ending: string): FilePart["type"] {
  if (/^(png|jpe?g|gif|webp|bmp|heic)$/i.test(ending)) return "image";
  if (/^(mp3|m4a|wav|ogg|oga|flac|aac)$/i.test(ending)) return "audio";
  return /^(mp4|mov|webm|mkv|avi)$/i.test(ending) ? "video" : "file";
}

/** What the buttons of a card of ours carry: see `send.ts`. */
function pressOf({ replyToId }: Activity, base: Base, data: unknown): readonly PlatformEvent[] {
  const { press: token } = fieldsOf(data);
  if (typeof token !== "string" || token === "" || token.length > 64) return [];
  return [{ ...base, kind: "press", token, ...(replyToId ? { platformId: replyToId } : {}) }];
}

function memberships(activity: Activity, base: Base, change: "joined" | "left"): readonly PlatformEvent[] {
  const members = (change === "joined" ? activity.membersAdded : activity.membersRemoved) ?? [];
  return members.map((member) => {
    const who = senderOf(member, activity);
    return { ...base, kind: "membership", key: `${base.key}:${change}:${member.id}`, change, ...(who.self ? {} : { member: who }) };
  });
}

/** https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events#message-reaction-events */
const emoji: Readonly<Record<string, string>> = { like: "👍", heart: "❤️", laugh: "😆", surprised: "😮", sad: "😢", angry: "😡" };
