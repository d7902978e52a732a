import { z } from "zod";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { Chat, PlatformEvent } from "../../core/event.ts";
import { looksLikeDelivery } from "../../core/ids.ts";
import type { Part } from "../../core/message.ts";
import type { Json } from "../../core/terms.ts";
import type { Signed } from "./signature.ts";

/** Ids are strings only: as numbers, 2^53 and 2^53+1 would be the same one. */
const id = z.string().min(1).max(256);
const words = z.string().max(200_000);

const file = z.object({
  type: z.enum(["image", "file", "audio", "video", "voice"]),
  url: z.url({ protocol: /^https?$/ }).max(4_096),
  name: z.string().max(255).optional(),
  mediaType: z.string().max(128).optional(),
  size: z.number().int().nonnegative().optional(),
  caption: words.optional(),
});

const part = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: words, markup: z.enum(["plain", "markdown"]).default("plain") }),
  z.object({
    type: z.literal("location"),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    title: words.optional(),
  }),
  z.object({ type: z.literal("contact"), name: z.string().max(255), phone: z.string().max(64).optional() }),
  file,
]);

const common = {
  conversation: id,
  thread: id.optional(),
  kind: z.enum(["direct", "group"]).default("direct"),
  title: z.string().max(255).optional(),
  sender: z.object({
    id,
    name: z.string().max(255).optional(),
    handle: z.string().max(255).optional(),
    bot: z.boolean().default(false),
    self: z.boolean().default(false),
  }),
  at: z.iso.datetime({ offset: true }).optional(),
};

const content = { text: words.optional(), parts: z.array(part).min(1).max(50).optional() };

const message = z.object({
  ...common,
  ...content,
  type: z.literal("message"),
  id: id.optional(),
  replyTo: id.optional(),
  addressed: z.boolean().optional(),
});
const edit = z.object({ ...common, ...content, type: z.literal("edit"), id });
const press = z.object({ ...common, type: z.literal("press"), id: id.optional(), token: id });

/** What may be posted, as docs/channels/webhook.md describes it. Unknown keys are left out of account. */
const body = z.discriminatedUnion("type", [message, edit, press]);
type Body = z.infer<typeof body>;

export function decode(json: Json, signed: Signed): Result<PlatformEvent> {
  const typed =
    typeof json === "object" && json !== null && !Array.isArray(json) && json.type === undefined ? { ...json, type: "message" } : json;
  const read = body.safeParse(typed);
  if (!read.success) {
    const [issue] = read.error.issues;
    return fail("payload-unknown", `${issue?.path.length ? `${issue.path.join(".")}: ` : ""}${issue?.message ?? "not a message"}`);
  }
  const { data } = read;
  const base = {
    key: signed.id,
    chat: chatOf(data),
    sender: { ...defined(data.sender), self: data.sender.self || isOurs(data, signed) },
    at: data.at === undefined ? signed.at : Date.parse(data.at),
  };
  if (data.type === "press") {
    return ok({ ...base, kind: "press", token: data.token, ...(data.id === undefined ? {} : { platformId: data.id }) });
  }
  const parts = partsOf(data);
  if (parts.length === 0) return fail("payload-unknown", "text or parts must be there, and not empty");
  if (data.type === "edit") return ok({ ...base, kind: "edit", platformId: data.id, parts });
  const addressed = data.addressed ?? base.chat.kind === "direct";
  const reply = data.replyTo === undefined ? {} : { replyTo: data.replyTo };
  return ok({
    ...base,
    kind: "message",
    platformId: data.id ?? signed.id,
    parts,
    addressed: addressed || base.chat.kind === "direct",
    ...reply,
  });
}

/** A program that posts all that is said somewhere posts our own answers too, often under the id that we gave them. */
function isOurs(data: Body, signed: Signed): boolean {
  return data.type !== "press" && (looksLikeDelivery(signed.id) || (data.id !== undefined && looksLikeDelivery(data.id)));
}

function chatOf(data: Body): Chat {
  return defined({ id: data.conversation, thread: data.thread, kind: data.kind, title: data.title });
}

function partsOf({
  text,
  parts,
}: {
  readonly text?: string | undefined;
  readonly parts?: readonly z.infer<typeof part>[] | undefined;
}): Part[] {
  const first: Part[] = text ? [{ type: "text", text, markup: "plain" }] : [];
  return [...first, ...(parts ?? []).filter((one) => one.type !== "text" || one.text !== "").map(partOf)];
}

function partOf(one: z.infer<typeof part>): Part {
  if (!("url" in one)) return defined(one);
  const { type, url, name, mediaType, size, caption } = one;
  return defined({ type, source: defined({ at: "platform" as const, ref: url, mediaType, size }), name, caption });
}

/** The same without keys that hold nothing. */
function defined<Shape extends object>(shape: Shape): { [Key in keyof Shape]: Exclude<Shape[Key], undefined> } {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Shape]: Exclude<Shape[Key], undefined>;
  };
}
