import { z } from "zod";
import { AccountKey, AnyId, FaultView, Instant, JsonObject, named } from "./common.ts";
import { TemplateInput } from "./message.ts";

const TextLimit = z.object({
  max: z.number(),
  unit: z.enum(["utf16", "code-point", "byte"]),
  counts: z.enum(["sent", "visible"]),
  lines: z.number().optional(),
});

const GuidePicture = z.object({
  step: z.number(),
  title: z.string(),
  rows: z.array(
    z.object({
      kind: z.enum(["entry", "field", "button", "switch", "tick", "sent", "received"]),
      label: z.string(),
      value: z.string().optional(),
      on: z.literal(true).optional(),
      marked: z.literal(true).optional().meta({ description: "What the step is about." }),
      into: z.string().optional().meta({ description: "The setting that takes what stands here." }),
    }),
  ),
});

/** Of kinds, which bring their languages themselves. */
export const KindsQuery = z.strictObject({
  language: z.string().max(35).default("en").meta({
    description: "A language tag (de, de-AT): in which language they speak of themselves. One that doesn't have it speaks English.",
  }),
});

/** A kind of platform, with all that a form to add an account needs. */
export const ChannelKind = named(
  "ChannelKind",
  z.object({
    kind: z.string(),
    name: z.string(),
    summary: z.string(),
    guide: z.string().meta({ description: "Markdown: what to do on the platform, in order." }),
    pictures: z
      .array(GuidePicture)
      .meta({ description: "How it looks there at some of the guide's steps, in their order; drawn from this." }),
    settings: JsonObject.meta({ description: 'JSON Schema (2020-12) of the settings; secrets are strings of `format: "secret"`.' }),
    can: z.object({
      listen: z.boolean(),
      webhook: z.boolean(),
      edit: z.boolean(),
      typing: z.boolean(),
      buttons: z.boolean(),
      files: z.boolean(),
      stream: z.boolean(),
      react: z.boolean(),
      takeBack: z.boolean(),
      idempotent: z.boolean(),
    }),
    limits: z.object({
      text: TextLimit,
      caption: TextLimit.optional(),
      rate: z.object({ account: z.number(), conversation: z.number() }),
      editEvery: z.object({ direct: z.number(), group: z.number() }).optional(),
      preview: z.object({ chats: z.array(z.enum(["direct", "group"])), everyMs: z.number(), lastsMs: z.number() }).optional(),
      file: z.object({ inbound: z.number(), outbound: z.number() }).optional(),
      buttons: z.object({ count: z.number(), label: z.number() }).optional(),
    }),
  }),
);

export const Identity = named("Identity", z.object({ id: z.string(), name: z.string() }));

const Streaming = z.enum(["edit", "native", "blocks", "off"]);
const Policy = z.enum(["open", "allowlist", "off"]);
const DirectPolicy = z.enum([...Policy.options, "pairing"]);

/** Who may write to the account. What is absent stays at the configuration's default. */
export const AccessInput = named(
  "AccessInput",
  z.strictObject({
    direct: DirectPolicy.optional(),
    group: Policy.optional(),
    allow: z.array(AnyId).max(10_000).optional(),
    groups: z.array(AnyId).max(10_000).optional(),
    mention: z.boolean().optional(),
  }),
);

export const AccessView = named(
  "Access",
  z.object({ direct: DirectPolicy, group: Policy, allow: z.array(z.string()), groups: z.array(z.string()), mention: z.boolean() }),
);

const settings = JsonObject.meta({
  description:
    "By the channel's schema. A secret is its text, which goes to the vault and never comes back, or { vault: name }. On a change, an absent secret keeps its value.",
});

const saved = {
  settings,
  access: AccessInput.optional(),
  onUnknown: z.enum(["hold", "resend"]).optional(),
  streaming: z.union([z.boolean(), Streaming]).optional(),
};

export const NewAccount = named("NewAccount", z.strictObject({ id: AccountKey, channel: AnyId, ...saved }));
export const ChangeAccount = named("ChangeAccount", z.strictObject(saved));
export const ProbeAccount = named(
  "ProbeAccount",
  z.strictObject({
    channel: AnyId,
    settings,
    account: AccountKey.optional().meta({ description: "Takes secrets that `settings` leaves out from this account." }),
  }),
);
export const ProbeResult = named("ProbeResult", z.object({ identity: Identity }));
export const TestMessage = named(
  "TestMessage",
  z.union([
    z.strictObject({ chat: AnyId, thread: AnyId.optional(), text: z.string().trim().min(1).max(4_000) }),
    z.strictObject({ chat: AnyId, thread: AnyId.optional(), template: TemplateInput }),
  ]),
);

export const KnownTemplate = named(
  "KnownTemplate",
  z.object({
    name: z.string(),
    id: z.string().optional().meta({ description: "Names it as well, where names needn't be unique." }),
    language: z.string(),
    status: z.string().meta({ description: "The platform's word; only an `approved` one can be sent." }),
    category: z.string().optional(),
    text: z.string().optional().meta({ description: "Its body, with the places in it." }),
    parameters: z.array(z.string()).meta({ description: "The names of its places." }),
  }),
);

export const Account = named(
  "Account",
  z.object({
    id: z.string(),
    channel: z.string(),
    state: z.enum(["starting", "ready", "retrying", "refused", "paused"]),
    identity: Identity.optional(),
    fault: FaultView.optional(),
    since: Instant,
    aliveAt: Instant.optional(),
    webhookUrl: z.string().optional(),
    webhook: z
      .object({
        verifiedAt: Instant.optional().meta({ description: "When the platform's last request proved to be its own." }),
        refused: z.object({ at: Instant, fault: FaultView }).optional().meta({ description: "The last request that didn't." }),
      })
      .optional()
      .meta({ description: "What came to the webhook since this gateway started." }),
    settings: JsonObject.meta({ description: "As written, secrets masked." }),
    access: AccessView.optional(),
    onUnknown: z.enum(["hold", "resend"]).optional(),
    streaming: Streaming.optional(),
    source: z.string().meta({ description: "Where it is configured: `file`, `app` or `environment`. Only `app` can be deleted here." }),
  }),
);

const steps = z
  .array(
    z.object({
      role: z.enum(["generate", "translate", "classify", "summarise", "review"]),
      models: z.array(z.string()),
      what: z.string().optional().meta({ description: "What it is asked for: a language, the choices, from which length on." }),
      when: z.array(z.string()).meta({ description: "Only where an earlier step chose one of these; always, where empty." }),
      whenFails: z.enum(["skip", "stop"]),
    }),
  )
  .readonly()
  .meta({ description: "All that models do in a turn, in order; `generate` is the agent's own answer." });
export const Pairing = named(
  "Pairing",
  z.object({
    account: z.string(),
    sender: z.string().meta({ description: "The platform's id." }),
    name: z.string().optional(),
    handle: z.string().optional(),
    state: z.enum(["asked", "approved", "denied"]),
    code: z.string().optional().meta({ description: "While it is valid." }),
    askedAt: Instant,
    expiresAt: Instant.optional(),
    by: z.string().optional(),
    decidedAt: Instant.optional(),
  }),
);

/** The code that the person told you, or the sender's id. */
export const SettlePairing = named(
  "SettlePairing",
  z.union([z.strictObject({ code: z.string().min(8).max(16) }), z.strictObject({ account: AccountKey, sender: AnyId })]),
);

const handTo = z
  .array(z.object({ agent: z.string(), about: z.string() }))
  .readonly()
  .meta({ description: "Agents to which it may hand a conversation, and what about." });

export const Agent = named(
  "Agent",
  z.object({
    id: z.string(),
    version: z.string().meta({ description: "Changes with whatever the agent is told." }),
    instructions: z.string(),
    models: z.array(z.string()),
    knowledge: z.array(z.string()),
    tools: z.array(z.string()),
    limits: z.object({
      history: z.number(),
      contextTokens: z.number().optional(),
      knowledgeTokens: z.number().optional(),
      maxOutputTokens: z.number(),
      steps: z.number(),
      turnMs: z.number(),
    }),
    steps,
    handTo,
    handFor: z.enum(["turn", "conversation"]).meta({ description: "Whether all that follows in the conversation is theirs, too." }),
  }),
);

const told = {
  instructions: z.string(),
  examples: z.array(z.object({ user: z.string(), answer: z.string() })),
};

export const PreviewQuery = z.strictObject({
  channel: z.string().max(63).default("webchat"),
  account: z.string().max(63).default("web"),
  user: z.string().max(512).optional(),
  chatKind: z.enum(["direct", "group"]).default("direct"),
});
/** Settings of the agent as a form has them, by their paths under it. */
export const AgentDraft = named(
  "AgentDraft",
  z.record(z.string().min(1).max(200), z.unknown()).meta({
    description: "Settings that aren't saved, by their path under the agent, as `limits.history`: checked as a save checks them.",
  }),
);

export const DraftPreview = named("DraftPreview", PreviewQuery.extend({ draft: AgentDraft }));
export const Preview = named(
  "AgentPreview",
  z.object({ ...told, steps, handTo, version: z.string(), tokens: z.number().meta({ description: "About how many." }) }),
);

export const AgentVersion = named(
  "AgentVersion",
  z.object({
    version: z.string(),
    at: z.number().meta({ description: "Since when, in milliseconds since 1970." }),
    told: z.object({
      ...told,
      style: z.record(
        z.string(),
        z.object({ length: z.string().optional(), formality: z.string().optional(), priority: z.string().optional() }),
      ),
    }),
  }),
);

export const ModelHealth = named(
  "ModelHealth",
  z.object({
    model: z.string(),
    key: z.number().optional().meta({ description: "Which of the provider's keys, where there are several: 1 is the first." }),
    agents: z.array(z.string()).meta({ description: "Who is worse off without it." }),
    state: z.enum(["usable", "failing"]).meta({ description: "`failing`: it isn't asked for now." }),
    since: z.number().optional().meta({ description: "Its calls have failed from then on, whatever process made them." }),
    waitMs: z.number().optional().meta({ description: "Until one call finds out how it is." }),
    failures: z.number().optional().meta({ description: "In a row." }),
    fault: z.object({ code: z.string(), message: z.string(), hint: z.string() }).optional(),
    price: z
      .object({
        source: z.string().meta({ description: "`configuration`, or the price list with its version." }),
        perMillion: z.record(z.string(), z.number()).meta({ description: "US dollars per million tokens, by what the source calls them." }),
      })
      .optional()
      .meta({ description: "As of now; absent when nobody knows it." }),
  }),
);

export const Provider = named("Provider", z.object({ id: z.string(), kind: z.string() }));

export const ProviderKind = named(
  "ProviderKind",
  z.object({
    kind: z.string(),
    name: z.string(),
    settings: JsonObject.meta({ description: 'JSON Schema (2020-12) of the settings; secrets are strings of `format: "secret"`.' }),
    package: z.string().optional().meta({ description: "It needs this package: `polylogue models add <kind>` installs it." }),
  }),
);

export const TestModel = named("TestModel", z.strictObject({ model: z.string().regex(/^[^/\s]+\/\S+$/, "must be provider/model") }));
export const ModelTest = named("ModelTest", z.object({ text: z.string(), ms: z.number(), input: z.number(), output: z.number() }));
