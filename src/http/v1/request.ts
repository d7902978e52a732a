import { z } from "zod";
import type { Actor } from "../../access/actor.ts";
import { roleAllows } from "../../access/roles.ts";
import type { Ask, CallFor } from "../../core/calls.ts";
import type { Configuration } from "../../core/configuration.ts";
import type { CallPurpose } from "../../core/cost.ts";
import { type Result as AnyResult, ok } from "../../core/errors.ts";
import type { AccountId, AgentId } from "../../core/ids.ts";
import { fillInstructions, styleSentences } from "../../core/instructions.ts";
import { mostPassages, passagesWithin, quotePassages, type SearchKnowledge } from "../../core/knowledge.ts";
import { type ModelContent, type ModelMessage, providerOf, type ToolDescription } from "../../core/provider.ts";
import type { Agent } from "../../core/route.ts";
import type { Json } from "../../core/terms.ts";
import type { ModelFault } from "./problem.ts";

export type Result<Value> = AnyResult<Value, ModelFault>;

export function invalid(param: string, message: string): { readonly ok: false; readonly fault: ModelFault } {
  return { ok: false, fault: { code: "request-invalid", message, param } };
}

/** The channel and account under which programs are counted. */
export const channel = "v1";

/** Whom a program asks: one of the agents, or with an admin's token any model of a configured provider. */
export interface Asked {
  readonly agent?: Agent;
  readonly models: readonly string[];
}

export function findModel(id: string, configuration: Configuration, actor: Actor): Result<Asked> {
  const agent = configuration.agents.get(id as AgentId);
  if (agent) return ok({ agent, models: agent.models });
  if (configuration.providers.has(providerOf(id))) {
    if (roleAllows(actor.role, "admin")) return ok({ models: [id] });
    const message = `Models of providers are for tokens of the role admin; yours is ${actor.role}. Ask an agent: \`GET /v1/models\` lists them.`;
    return { ok: false, fault: { code: "role-too-low", message, param: "model" } };
  }
  const message = `The model \`${id.slice(0, 128)}\` does not exist. Models here are the gateway's agents: \`GET /v1/models\` lists them.`;
  return { ok: false, fault: { code: "not-found", message, param: "model" } };
}

export function callFor(purpose: CallPurpose, { agent }: Asked, actor: Actor): CallFor {
  const spender = { tenant: actor.tenant, channel, account: channel as AccountId, sender: actor.label, ...(agent && { agent: agent.id }) };
  return { purpose, spender };
}

/** Where no agent says how much may be answered, and how long that may take. */
const mostOutput = 4_096;
const mostMs = 180_000;

export function timeFor({ agent }: Asked): number {
  return agent?.limits.turnMs ?? mostMs;
}

export interface Said {
  readonly instructions: readonly string[];
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolDescription[];
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
}

/** With the passages of the agent's documents that may bear on what was said last, as in a turn. */
export async function withPassages(said: Said, { agent }: Asked, { tenant }: Actor, search: SearchKnowledge): Promise<Said> {
  const last = said.messages.at(-1);
  const room = agent?.limits.knowledgeTokens ?? 0;
  if (!agent || agent.knowledge.length === 0 || room === 0 || last?.role !== "user") return said;
  const question = last.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  const found = await search({ tenant, sources: agent.knowledge.map(({ name }) => name), question, limit: mostPassages });
  const passages = passagesWithin(room, found);
  if (passages.length === 0) return said;
  const content = [{ type: "text" as const, text: quotePassages(passages) }, ...last.content];
  return { ...said, messages: [...said.messages.slice(0, -1), { ...last, content }] };
}

/** What a model reads: the agent's own words go first, and no program takes them away. */
export function askOf({ agent, models }: Asked, said: Said, actor: Actor, at: number): Ask {
  const { messages, tools, maxOutputTokens, temperature } = said;
  const situation = {
    agent: agent?.id ?? "",
    tenant: actor.tenant,
    channel,
    account: channel,
    user: actor.label,
    userId: actor.label,
    knowledge: agent?.knowledge,
  };
  const own = agent ? fillInstructions(agent.instructions, { ...situation, chatKind: "direct", at }) : "";
  const style = agent?.style[channel] ?? agent?.style["*"];
  const examples = agent?.examples.flatMap(({ user, answer }): ModelMessage[] => [
    { role: "user", content: [{ type: "text", text: user }] },
    { role: "assistant", text: answer },
  ]);
  return {
    models,
    instructions: [own, style && styleSentences(style), ...said.instructions].filter(Boolean).join("\n\n"),
    messages: [...(examples ?? []), ...messages],
    tools,
    maxOutputTokens: Math.min(maxOutputTokens ?? Number.POSITIVE_INFINITY, agent?.limits.maxOutputTokens ?? maxOutputTokens ?? mostOutput),
    ...(temperature !== undefined && { temperature }),
  };
}

const dataUrl = /^data:([\w.+-]+\/[\w.+-]+);base64,([A-Za-z0-9+/=\s]+)$/;

/** Only what is in the request itself: the gateway fetches nothing for a program. */
export function imageOf(url: string, param: string): Result<ModelContent> {
  const [, mediaType = "", data = ""] = dataUrl.exec(url) ?? [];
  if (!/^image\/(png|jpeg|gif|webp)$/.test(mediaType)) {
    return invalid(param, "Images must be `data:` URLs in base64 of type image/png, image/jpeg, image/gif or image/webp; none is fetched.");
  }
  return ok({ type: "image", mediaType, data: Buffer.from(data, "base64") });
}

export const toolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
export const parameters = z.record(z.string(), z.json());

export function describe(
  name: string,
  description: string | null | undefined,
  schema: z.infer<typeof parameters> | null | undefined,
): ToolDescription {
  return { name, description: description ?? "", parameters: (schema ?? { type: "object", properties: {} }) as { [key: string]: Json } };
}

/** What isn't understood as the client means it is refused rather than ignored. */
export function refuseUnsupported(
  body: { readonly [key: string]: unknown },
  rules: { readonly [key: string]: (value: unknown) => boolean },
): Result<undefined> {
  for (const [key, allowed] of Object.entries(rules)) {
    const value = body[key];
    if (value !== undefined && value !== null && !allowed(value)) return invalid(key, `\`${key}\` with this value isn't supported here.`);
  }
  return ok(undefined);
}

/** Reads a request by its schema; what is wrong is named as OpenAI does, `messages.0.content`. */
export function readBy<Schema extends z.ZodType>(schema: Schema, body: unknown): Result<z.output<Schema>> {
  const read = schema.safeParse(body);
  if (read.success) return ok(read.data);
  const { path, message } = deepest(read.error.issues);
  const param = path.map(String).join(".");
  return invalid(param, `Invalid value${param && ` for '${param}'`}: ${message}.`);
}

type Issue = Pick<z.core.$ZodIssue, "path" | "message">;

/** Where a value may be one thing or another, it was meant as the one that went well the furthest. */
function deepest(issues: readonly z.core.$ZodIssue[]): Issue {
  const [issue] = issues;
  if (!issue) return { path: [], message: "it can't be read" };
  const ways = issue.code === "invalid_union" ? issue.errors.map(deepest) : [];
  const [best] = ways.toSorted((a, b) => b.path.length - a.path.length);
  return best && best.path.length > 0 ? { path: [...issue.path, ...best.path], message: best.message } : issue;
}
