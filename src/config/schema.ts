import { isAbsolute } from "node:path";
import { z } from "zod";
import { budgetPolicies, budgetScopes, budgetWindows } from "../core/budget.ts";
import { commandNames } from "../core/command.ts";
import { media } from "../core/provider.ts";
import { secret } from "../core/secret.ts";
import { alertSchema, noticePlace } from "./alert-schema.ts";
import { agentHandoverSchema, handoverSchema } from "./handover-schema.ts";
import { httpSchema } from "./http-schema.ts";
import { entryName, modelName, platformId } from "./names.ts";
import { routeSchema } from "./route-schema.ts";
import { stepsSchema } from "./step-schema.ts";

/**
 * The one description of the configuration: types, defaults, checks, the JSON schema for editors and the table in
 * docs/configuration.md all come from here. What a channel or provider adds to its entries stands in its own `settings`.
 */

const policy = z.enum(["open", "allowlist", "off"]);

export const accessSchema = z.strictObject({
  direct: z
    .enum([...policy.options, "pairing"])
    .optional()
    .describe(
      "Who may write in direct chats: `open` (everybody), `allowlist` (those in `allow`), `pairing` (those in `allow`, and whom you let in with a code that the others get: `polylogue pairing`) or `off`. Missing: `allowlist` where `allow` names somebody, or else `off`; where `access` says nothing at all about who may write, what the channel's page says.",
    ),
  group: policy
    .optional()
    .describe(
      "Where it answers in groups: `open` (everywhere), `allowlist` (the groups in `groups`, to all their members) or `off`. Missing: `allowlist` where `groups` names one, or else as for `direct`.",
    ),
  allow: z
    .array(platformId)
    .default([])
    .describe(
      "Ids of senders, as the platform knows them, who may write in direct chats; names and handles don't count, and in groups the list says nothing. An empty list admits nobody.",
    ),
  groups: z
    .array(platformId)
    .default([])
    .describe("Ids of groups, as the platform knows them, in which every member may write. An empty list admits none."),
  mention: z.boolean().default(true).describe("In groups answer only when addressed."),
});

export const accountSchema = z.strictObject({
  channel: z.string().min(1).describe("The kind of platform: the name of its page in docs/channels."),
  access: accessSchema.prefault({}).describe("Who may write to it."),
  onUnknown: z
    .enum(["hold", "resend"])
    .default("hold")
    .describe(
      "What to do with a delivery of which nobody can say whether it arrived, where the platform can't tell duplicates: `hold` it for an operator, or `resend` it at the risk of a duplicate.",
    ),
  streaming: z
    .union([z.boolean(), z.enum(["edit", "native", "blocks", "off"])])
    .default("edit")
    .describe(
      "How an answer appears while it is written: `edit` (also `true`) edits one message, `native` uses the platform's own preview, `blocks` sends each finished paragraph, `off` (also `false`) sends it whole. What the channel can't do falls back to `edit`, then to `off`.",
    ),
  maxConcurrentRequests: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe("Turns of this account that run at the same time. Missing: as many as `limits.concurrentTurns` allows."),
});

const usdPerMillion = z.number().min(0).max(1_000_000);

export const priceSchema = z.strictObject({
  input: usdPerMillion.describe("US dollars for a million tokens that go in."),
  cachedInput: usdPerMillion.optional().describe("The same for those that the provider had in its cache. Missing: as `input`."),
  output: usdPerMillion.describe("US dollars for a million tokens that come out."),
});

export const providerSchema = z.strictObject({
  kind: z.string().min(1).describe("The kind of model API: the name of its page in docs/providers."),
  maxConcurrentRequests: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe("Requests to it that are under way at the same time; a turn waits for its place. Missing: as many as turns run."),
  stallMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(120_000)
    .describe("Milliseconds without a word of an answer, its first included, after which a call is given up and the next model is asked."),
  moreKeys: z
    .record(entryName, secret("A key"))
    .default({})
    .describe(
      "Further keys, by names of yours; used in rotation with `apiKey`; one that is at its limit, refused or used up is left out for a while.",
    ),
  models: z
    .record(
      z.string().min(1),
      z.strictObject({
        reads: z.array(z.enum(media)).optional().describe("What it reads besides text."),
        context: z.int().min(256).max(100_000_000).optional().describe("Tokens that go in and come out of one call together."),
      }),
    )
    .default({})
    .describe("What its models can do, by the model's name; `*` is for all others. Missing: what is known about them."),
  prices: z
    .record(z.string().min(1), priceSchema)
    .default({})
    .describe("What its models cost, by the model's name; `*` is for all others. Missing: what the built-in price list says."),
});

export const agentLimitsSchema = z.strictObject({
  contextTokens: z
    .int()
    .min(256)
    .max(100_000_000)
    .optional()
    .describe("Tokens that the model gets to read at most; older messages are left out first. Missing: as many as the model takes."),
  knowledgeTokens: z
    .int()
    .min(0)
    .max(100_000)
    .default(1500)
    .describe("Of these, what passages of the agent's `knowledge` may take that are found by the message. 0: it has to search for them."),
  history: z.int().min(0).max(1000).default(40).describe("Messages of the conversation's past that the model sees."),
  maxOutputTokens: z.int().min(1).max(1_000_000).default(4096).describe("Tokens of one answer of the model at most."),
  steps: z.int().min(1).max(100).default(8).describe("Model calls of one turn at most, those after tools included."),
  turnMs: z.int().min(1000).max(3_600_000).default(180_000).describe("Milliseconds that one turn may take."),
});

export const whenDownSchema = z.strictObject({
  cacheHours: z
    .number()
    .min(0)
    .max(8760)
    .default(0)
    .describe("Hours for which an answer to a first question stands in when the same is asked again, marked as such. 0: never."),
  similarity: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.92)
    .describe("From which likeness on a question counts as the same, with `embed`. 1: only the very same."),
  keepHours: z
    .number()
    .min(0)
    .max(8760)
    .default(0)
    .describe(
      "Hours for which the message stays queued, to be answered once a model can be reached; its sender is told once a day. 0: it isn't kept.",
    ),
  say: z.string().max(1000).optional().describe("What its sender is told. Missing: a sentence of ours."),
});

export const agentSchema = z.strictObject({
  instructions: z
    .string()
    .max(200_000)
    .default("You are a helpful assistant.")
    .describe("What the model is told before every conversation."),
  examples: z
    .array(
      z.strictObject({
        user: z.string().min(1).max(20_000).describe("What somebody asks."),
        answer: z.string().min(1).max(20_000).describe("What is to be answered."),
      }),
    )
    .max(50)
    .default([])
    .describe("Examples of good answers; the model sees them before every conversation."),
  style: z
    .record(
      z.string().min(1),
      z.strictObject({
        length: z.enum(["short", "medium", "long"]).optional().describe("How long answers are."),
        formality: z.enum(["casual", "neutral", "formal"]).optional().describe("How formal they are."),
        priority: z.enum(["brevity", "completeness"]).optional().describe("What goes first where an answer can't be both."),
      }),
    )
    .default({})
    .describe("How it answers, by the kind of channel; `*` is for all others."),
  describe: z
    .array(modelName)
    .default([])
    .describe("Models that put an image into words where the agent's model can't see it. None: the agent is told that it can't."),
  transcribe: z.array(modelName).default([]).describe("Models that write down speech where the agent's model can't hear it."),
  embed: z.array(modelName).default([]).describe("Models that make vectors of texts, for what compares meanings."),
  summarise: z
    .array(modelName)
    .default([])
    .describe("Models that sum up what was said longer ago than `limits.history` reaches. None: it is forgotten."),
  models: z.array(modelName).min(1).default(["demo/demo"]).describe("Models as `provider/model`, tried in this order."),
  steps: stepsSchema
    .default([])
    .describe(
      "What other models do before the agent answers, and with its answer, in this order; one step is the answer itself. See docs/agents.md.",
    ),
  scale: z
    .array(
      z.strictObject({
        budget: z.string().min(1).optional().describe("A budget's name: of which so much is spent in its window."),
        above: z.number().min(0).max(1).default(0.8).describe("How much of it, from 0 to 1."),
        waiting: z.int().min(1).max(1_000_000).optional().describe("Or: so many turns wait."),
        models: z.array(modelName).min(1).describe("The models that answer then."),
      }),
    )
    .default([])
    .describe("Other models while something is scarce: the first rule that holds decides; see docs/routing.md."),
  whenDown: whenDownSchema.prefault({}).describe("What becomes of a message when none of its models can be reached."),
  whenWithheld: z
    .enum(["next", "say"])
    .default("next")
    .describe("When a content filter withholds an answer: the next model is asked (`next`), or the person is told (`say`)."),
  knowledge: z.array(entryName).default([]).describe("Documents that it looks things up in, by their names in `knowledge`."),
  tools: z.array(z.string().min(1)).default([]).describe("Names of the tools that it may use."),
  approve: z
    .array(z.string().min(1))
    .default([])
    .describe("Those of its tools that run only when the person who is answered allows it, each time, with the arguments that are shown."),
  handTo: z
    .record(entryName, z.string().min(1).max(1_000))
    .default({})
    .describe("Agents to which its model may hand a conversation, by name, each with what about; see docs/agents.md."),
  handFor: z
    .enum(["turn", "conversation"])
    .default("turn")
    .describe("How long: for the answer to one message, or for all that follow in the conversation, too."),
  handover: agentHandoverSchema
    .prefault({})
    .describe("When people are called to speak in its place, and how long they do, where that is otherwise than `handover` says for all."),
  commands: z
    .array(z.enum(commandNames))
    .default(["help", "status", "reset", "stop", "human"])
    .describe("What people may ask of the gateway itself with a slash, as in `/help`; `model` lets them choose among the agent's models."),
  limits: agentLimitsSchema.prefault({}).describe("What one turn may take."),
});

export const senderLimitsSchema = z.strictObject({
  perMinute: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe("Messages of one sender that are answered in a minute, evenly. Missing: any number."),
  burst: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe("Messages of one sender that are answered at once, before `perMinute` spaces them out. Missing: as many as in a minute."),
  perDay: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe("Messages of one sender that are answered in a day (UTC). Missing: any number."),
  notice: z
    .string()
    .max(1000)
    .optional()
    .describe(
      "What a sender is told, once, in a direct chat, when a limit is reached. Missing: a sentence that says which; empty: nothing.",
    ),
});

export const limitsSchema = z.strictObject({
  concurrentTurns: z.int().min(1).max(10_000).default(64).describe("Turns that run at the same time."),
  turnTries: z.int().min(1).max(100).default(5).describe("Times that a turn is begun before its message is set aside."),
  deliveryAttempts: z.int().min(1).max(1000).default(20).describe("Attempts of one delivery before it is given up."),
  deliveryAgeMs: z
    .int()
    .min(1000)
    .max(30 * 86_400_000)
    .default(86_400_000)
    .describe("Milliseconds after which a delivery is given up."),
  dedupeDays: z
    .int()
    .min(8)
    .max(365)
    .default(8)
    .describe("Days for which a platform's event ids are remembered; platforms redeliver for up to 7."),
  fileBytes: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(20 * 2 ** 20)
    .describe("Bytes of one attachment at most."),
  sender: senderLimitsSchema.prefault({}).describe("What one sender may take on one account; none by default."),
  loopTurns: z
    .int()
    .min(0)
    .max(10_000)
    .default(30)
    .describe(
      "Messages in a row, each written faster after our answer than a person can write, after which the conversation is paused: two machines answer each other. 0 switches it off.",
    ),
});

/** 0 says "for ever" to people; inside nothing does. */
const days = z
  .int()
  .min(0)
  .max(36_500)
  .transform((value) => (value === 0 ? undefined : value));

export const budgetSchema = z.strictObject({
  per: z
    .enum(budgetScopes)
    .default("tenant")
    .describe(
      "Whose spending is counted together: everybody's (`tenant`), or that of each agent, account, conversation or sender by itself.",
    ),
  every: z.enum(budgetWindows).default("month").describe("The time after which it begins anew, by the calendar of UTC."),
  agent: z.string().min(1).optional().describe("Only what this agent spends."),
  account: z.string().min(1).optional().describe("Only what is spent on this account."),
  channel: z.string().min(1).optional().describe("Only what is spent on this kind of platform."),
  usd: z.number().min(0).max(1_000_000).optional().describe("US dollars that may be spent."),
  tokens: z.int().min(0).max(1e15).optional().describe("Tokens that may be used, in and out."),
  atLimit: z
    .enum(budgetPolicies)
    .default("stop")
    .describe(
      "What becomes of a message when it is used up: no answer (`stop`), an answer of `models` (`downgrade`), or it is kept until there is room again (`wait`), with operators asked for it (`ask`).",
    ),
  models: z.array(modelName).default([]).describe("Models that answer in place of the agent's, with `downgrade`."),
  say: z
    .string()
    .max(1000)
    .optional()
    .describe("What a sender is told, once a day, in a direct chat. Missing: a sentence of ours; empty: nothing."),
});

export const retentionSchema = z.strictObject({
  messagesDays: days
    .prefault(365)
    .describe(
      "Days for which messages are kept, with their events, deliveries, model calls and attachments; 0: for ever. What isn't ended, or waits for an operator, stays.",
    ),
  ledgerDays: days
    .prefault(90)
    .describe("Days for which the stages of each message's story are kept; 0: as long as the message. They never outlive it."),
  newestMessages: z
    .int()
    .min(0)
    .max(1000)
    .default(40)
    .describe("Newest messages of each conversation that stay however old they are, so that a model still knows them; 0: none."),
});

export const noticesSchema = z.strictObject({
  to: z
    .array(noticePlace)
    .max(16)
    .default([])
    .describe("Where operators are told of findings; two places on different platforms also tell when one of them is down."),
  least: z.enum(["warning", "error"]).default("warning").describe("The least severity that is told."),
  repeatHours: z.int().min(1).max(8760).default(24).describe("Hours after which a finding that lasts is told again."),
});

export const backupsSchema = z.strictObject({
  everyHours: z
    .int()
    .min(0)
    .max(744)
    .default(0)
    .describe("Hours between two backups that the gateway makes by itself, in the data folder's `backups`; 0: none."),
  keep: z.int().min(1).max(1000).default(7).describe("Automatic backups that are kept; the oldest goes when there are more."),
});

export const logSchema = z.strictObject({
  level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("The least severity that is written."),
});

export const mcpSchema = z
  .strictObject({
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("The program that is the server, with its arguments; it speaks over its standard input and output."),
    env: z
      .record(z.string().min(1), secret("A value"))
      .default({})
      .describe("What else stands in the program's environment, besides PATH, HOME and the like."),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("Or: where the server is, over HTTP."),
    headers: z
      .record(z.string().min(1), secret("A value"))
      .default({})
      .describe("Headers of every request to it, such as `authorization`."),
  })
  .refine(({ command, url }) => (command === undefined) !== (url === undefined), "must have either `command` or `url`");

export const knowledgeSchema = z.strictObject({
  files: z
    .string()
    .min(1)
    .refine(isAbsolute, "must be an absolute path")
    .describe("The folder with the documents (Markdown, plain text, HTML), those in folders below it included."),
  description: z.string().max(500).default("").describe("What is in them, in a few words; `{{knowledge}}` tells agents."),
});

/** Entries may be `false`: that switches off what a lower layer (or the default) brings. */
export const configurationSchema = z.strictObject({
  $schema: z.string().optional().describe("For editors: where the JSON schema is. `polylogue config schema` prints it."),
  accounts: z
    .record(entryName, z.union([accountSchema, z.literal(false)]))
    .default({})
    .describe("Credentials on platforms, by name; the name is also the last part of /hooks/<account>. `false` switches one off."),
  providers: z
    .record(entryName, z.union([providerSchema, z.literal(false)]))
    .default({})
    .describe("Model APIs, by name; the name is the first part of a model's. `false` switches one off."),
  agents: z
    .record(entryName, z.union([agentSchema, z.literal(false)]))
    .default({})
    .describe("Who answers, by name. `false` switches one off."),
  mcp: z
    .record(entryName, z.union([mcpSchema, z.literal(false)]))
    .default({})
    .describe("MCP servers whose tools agents may use, by name; see docs/tools.md. `false` switches one off."),
  knowledge: z
    .record(entryName, z.union([knowledgeSchema, z.literal(false)]))
    .default({})
    .describe("Documents that agents look things up in, by name; see docs/knowledge.md. `false` switches one off."),
  budgets: z
    .record(entryName, z.union([budgetSchema, z.literal(false)]))
    .default({})
    .describe("What may be spent on models, by name; see docs/costs.md. `false` switches one off."),
  alerts: z
    .record(entryName, z.union([alertSchema, z.literal(false)]))
    .default({})
    .describe("What operators want to be told of when it goes over a threshold, by name; see docs/alerts.md. `false` switches one off."),
  routes: z.array(routeSchema).default([]).describe("Which agent answers where: the first route whose conditions hold decides."),
  handover: handoverSchema
    .prefault({})
    .describe(
      "When people are called to speak in an agent's place, and how long they do; see docs/takeover.md. An agent may have its own.",
    ),
  limits: limitsSchema.prefault({}).describe("What the gateway may take."),
  retention: retentionSchema.prefault({}).describe("How long it keeps what is over; days count as docs/operations.md says."),
  http: httpSchema.prefault({}).describe("How it is reached."),
  notices: noticesSchema.prefault({}).describe("Who is told, on a channel, when something needs somebody."),
  backups: backupsSchema.prefault({}).describe("Copies of everything, for the day when the disk or a hand fails."),
  log: logSchema.prefault({}).describe("What it writes to the log."),
});

export type LogSettings = z.infer<typeof logSchema>;
export type BackupSettings = z.infer<typeof backupsSchema>;

/** The sections whose entries have names. */
export const namedSections = ["accounts", "providers", "agents", "mcp", "knowledge", "budgets", "alerts"] as const;
export type NamedSection = (typeof namedSections)[number];
