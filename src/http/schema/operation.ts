import { z } from "zod";
import { Control, FaultView, Instant, Json, JsonObject, named } from "./common.ts";
import { Presence } from "./inbox.ts";
import { LedgerEntry, Part } from "./message.ts";

const place = { account: z.string(), chat: z.string(), thread: z.string().optional() };
export const NoticePlace = named("NoticePlace", z.object(place));

export const Finding = named(
  "Finding",
  z.object({
    code: z.string(),
    severity: z.enum(["error", "warning"]),
    subject: z.string(),
    message: z.string(),
    hint: z.string(),
    since: Instant.optional().meta({ description: "When it came up; absent while it may still pass by itself." }),
    told: z.array(z.object({ ...place, at: Instant })).meta({ description: "Where operators were told of it, and when last." }),
  }),
);

export const NoticeTest = named("NoticeTest", z.object({ ...place, message: z.string().optional(), fault: FaultView.optional() }));

export const Counts = named(
  "Counts",
  z.object({
    conversations: z.number().int(),
    messages: z.number().int(),
    events: z.object({
      queued: z.number().int(),
      running: z.number().int(),
      poison: z.number().int().meta({ description: "Set aside, waiting for an operator." }),
    }),
    retrying: z.number().int().meta({ description: "Of the queued deliveries, those that failed before." }),
    deliveries: z.object({
      queued: z.number().int(),
      sending: z.number().int(),
      unknown: z.number().int(),
      failed: z.number().int(),
      dead: z.number().int(),
    }),
    load: z.object({ running: z.number().int(), waiting: z.number().int() }),
  }),
);

export const ServerTool = named(
  "ServerTool",
  z.object({
    name: z.string().meta({ description: "`server/tool`." }),
    description: z.string().meta({ description: "As models read it." }),
    parameters: JsonObject.meta({ description: "JSON Schema of its arguments, as models read it." }),
    digest: z.string().meta({ description: "SHA-256 of what it says of itself." }),
    state: z.enum(["accepted", "changed", "new"]).meta({ description: "Only what is `accepted` is offered to models." }),
  }),
);
export const AcceptTool = named("AcceptTool", z.strictObject({ name: z.string().max(512), digest: z.string().length(64) }));

export const Setting = named(
  "Setting",
  z.object({
    path: z.string().meta({ description: "Dotted, e.g. `accounts.support-bot.mode`." }),
    value: Json,
    source: z.string().meta({ description: "`default`, `file`, `app` or `environment`." }),
    origin: z.string().meta({ description: "The file, the variable, or who set it." }),
    overrides: z.array(z.object({ source: z.string(), origin: z.string(), value: Json })),
    secret: z.boolean(),
  }),
);

export const PutSetting = named("PutSetting", z.strictObject({ value: Json }));

export const Secret = named("Secret", z.object({ name: z.string(), updatedAt: Instant }));
export const PutSecret = named("PutSecret", z.strictObject({ value: z.string().min(1).max(65_536) }));

const TurnEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("turn-start"), turn: z.string() }),
  z.object({ type: z.literal("turn-text"), turn: z.string(), delta: z.string() }),
  z.object({ type: z.literal("turn-restart"), turn: z.string() }),
  z.object({ type: z.literal("turn-tool"), turn: z.string(), name: z.string(), state: z.enum(["running", "done", "failed"]) }),
  z.object({ type: z.literal("turn-end"), turn: z.string(), state: z.enum(["done", "failed", "cancelled"]) }),
]);

/** The `data` of one server-sent event of `GET /api/events`; its `event` is the same word as `type`. */
export const LiveEvent = named(
  "LiveEvent",
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("ledger"), entry: LedgerEntry, conversation: z.string().optional() }),
    z.object({ type: z.literal("turn"), event: TurnEvent, conversation: z.string(), channel: z.string() }),
    z.object({
      type: z.literal("message"),
      conversation: z.string(),
      message: z.object({ id: z.string(), direction: z.enum(["in", "out"]), parts: z.array(Part), at: Instant }),
    }),
    z.object({ type: z.literal("control"), conversation: z.string(), control: Control, version: z.number().int() }),
    z.object({ type: z.literal("note"), conversation: z.string() }),
    z.object({ type: z.literal("read"), operator: z.string(), conversation: z.string().optional() }),
    z.object({ type: z.literal("presence"), conversation: z.string(), present: z.array(Presence) }),
    z.object({ type: z.literal("replies") }),
    z.object({ type: z.literal("account"), account: z.string() }),
    z.object({ type: z.literal("config") }),
    z.object({ type: z.literal("finding") }),
    z.object({ type: z.literal("model"), model: z.string() }).meta({ description: "The model isn't asked any more, or again." }),
    z.object({ type: z.literal("figures") }),
    z
      .object({ type: z.literal("reset") })
      .meta({ description: "Events were missed (a reconnect after too long, or a restart): fetch again what is shown." }),
  ]),
);

export const KnowledgeSource = named(
  "KnowledgeSource",
  z.object({
    name: z.string(),
    documents: z.int(),
    passages: z.int(),
    skipped: z.array(z.object({ path: z.string(), why: z.string() })).meta({ description: "Files that aren't read, and why." }),
    trouble: z.string().optional().meta({ description: "Why it can't be read now; what was read before is still found." }),
  }),
);

export const KnowledgeQuery = z.object({
  question: z.string().min(1).max(4000),
  source: z.string().optional().meta({ description: "Only this one; all when missing." }),
  limit: z.coerce.number().int().min(1).max(50).default(8),
});

export const Passage = named("Passage", z.object({ at: z.string().meta({ description: "`source/path#heading`." }), text: z.string() }));
