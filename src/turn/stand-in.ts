import { type AnswerStore, isAnybodys, type KeptAnswer, questionKey } from "../core/answers.ts";
import type { Spender } from "../core/budget.ts";
import type { Calls } from "../core/calls.ts";
import type { Clock } from "../core/clock.ts";
import type { Conversation } from "../core/conversation.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { EventId } from "../core/ids.ts";
import { type Situation, versionIn } from "../core/instructions.ts";
import { type Part, textPart } from "../core/message.ts";
import type { Agent } from "../core/route.ts";
import { similarity } from "../core/similarity.ts";
import type { TurnResult } from "../core/turn.ts";

export interface StandInDoor {
  readonly store: AnswerStore;
  readonly calls: Pick<Calls, "embed">;
  readonly clock: Clock;
}

export interface StandInFor {
  readonly agent: Agent;
  /** Who asks, and where. */
  readonly situation: Situation;
  readonly spender: Spender;
  readonly trace: EventId;
}

/** What says that no model can be had, whatever is asked of it. */
const outages: ReadonlySet<ErrorCode> = new Set([
  ...(["provider-unavailable", "provider-quota", "provider-malformed", "provider-auth", "provider-spent", "package-missing"] as const),
  ...(["http-unreachable", "http-timeout", "http-cut"] as const),
]);

export function isOutage(code: ErrorCode): boolean {
  return outages.has(code);
}

/** Those that a similar question is looked for in. */
const mostCompared = 500;

/** What was asked, if it is one text that anybody could have written. */
function questionIn(said: readonly (readonly Part[])[]): string | undefined {
  const [parts, ...more] = said;
  const [part, ...others] = parts ?? [];
  if (more.length > 0 || others.length > 0 || part?.type !== "text") return undefined;
  return isAnybodys(part.text) ? part.text.trim() : undefined;
}

/** An earlier answer to the same question or to one that is alike, marked as what it is. */
export async function standIn(
  { store, calls, clock }: StandInDoor,
  { agent, situation, spender, trace }: StandInFor,
  said: readonly (readonly Part[])[],
  signal: AbortSignal,
): Promise<readonly Part[] | undefined> {
  const { cacheHours, similarity: least } = agent.whenDown;
  const question = cacheHours > 0 ? questionIn(said) : undefined;
  if (question === undefined) return undefined;
  const of = { tenant: spender.tenant, agent: agent.id, version: versionIn(agent, situation) };
  const since = clock.now() - cacheHours * 3_600_000;
  const same = await store.keptAnswer(of, questionKey(question), since);
  if (same) return marked(same, false);
  if (agent.embed.length === 0 || least >= 1) return undefined;
  const asked = await calls.embed({ purpose: "embed", spender, trace }, { models: agent.embed, texts: [question] }, signal);
  const vector = asked.ok ? asked.value.vectors[0] : undefined;
  if (!asked.ok || !vector) return undefined;
  let best: { readonly answer: KeptAnswer; readonly alike: number } | undefined;
  for (const answer of await store.keptAnswers(of, asked.value.model, since, mostCompared)) {
    const alike = similarity(vector, answer.vector?.values ?? []);
    if (alike >= least && alike > (best?.alike ?? 0)) best = { answer, alike };
  }
  return best && marked(best.answer, true);
}

/** What a turn knew besides its input, and what came of it. */
export interface Answering {
  readonly agent: Agent;
  readonly conversation: Pick<Conversation, "summary">;
  readonly past: readonly unknown[];
  readonly joined: readonly unknown[];
  readonly result: TurnResult;
}

/** A whole answer to a first question, of an agent that knew nothing but its instructions: later ones mean something only where they are. */
export function isWorthKeeping({ agent, conversation, past, joined, result }: Answering): boolean {
  if (agent.whenDown.cacheHours === 0 || agent.tools.length > 0) return false;
  if (past.length > 0 || joined.length > 0 || conversation.summary?.text) return false;
  return result.kind === "answer" && result.whole === true;
}

export async function keepAnswer(
  { store, calls, clock }: StandInDoor,
  { agent, situation, spender, trace }: StandInFor,
  said: readonly (readonly Part[])[],
  parts: readonly Part[],
  signal: AbortSignal,
): Promise<void> {
  const question = questionIn(said);
  if (question === undefined) return;
  const { embed, whenDown } = agent;
  const asked =
    embed.length > 0 && whenDown.similarity < 1
      ? await calls.embed({ purpose: "embed", spender, trace }, { models: embed, texts: [question] }, signal)
      : undefined;
  const values = asked?.ok ? asked.value.vectors[0] : undefined;
  const vector = asked?.ok && values ? { model: asked.value.model, values } : undefined;
  const of = { tenant: spender.tenant, agent: agent.id, version: versionIn(agent, situation) };
  await store.keepAnswer(of, questionKey(question), { parts, at: clock.now(), vector });
}

/** What was asked then isn't told: it was another's word. */
function marked({ parts, at }: KeptAnswer, similar: boolean): readonly Part[] {
  const day = new Date(at).toISOString().slice(0, 10);
  const to = similar ? " to a similar question, which may not have been quite yours" : "";
  return [...parts, textPart(`(This is an answer from ${day}${to}: the model can't be reached right now.)`)];
}
