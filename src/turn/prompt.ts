import { fillInstructions, type Situation, styleSentences } from "../core/instructions.ts";
import { type Passage, passagesWithin, quotePassages } from "../core/knowledge.ts";
import { type Part, plainText } from "../core/message.ts";
import type { Capabilities, Medium, ModelMessage } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { PastMessage } from "../core/store.ts";
import { type CountTokens, roughTokens } from "../core/tokens.ts";
import type { ContextPlan } from "../core/turn.ts";
import { type Link, mostSqueezes } from "./chain.ts";
import { cutMiddle, frame, shortenResults, tokensOf } from "./cutting.ts";
import type { Estimates } from "./estimates.ts";
import { continued, modelMessages, type Shown } from "./input.ts";

/** What a model gets to read. */
export interface Prompt {
  readonly instructions: string;
  readonly messages: readonly ModelMessage[];
}

export interface Planned extends Prompt {
  readonly plan: ContextPlan;
  /** What the person is told with the answer, where something that he said was left out. */
  readonly notice?: string;
}

/** The prompt for the model that is asked now; `said`: what the turn has said, done and heard since its input. */
export type PromptFor = (link: Link, said: readonly ModelMessage[]) => Promise<Planned>;

export interface PromptDoor {
  readonly estimates: Estimates;
  readonly capabilities: (model: string) => Capabilities;
}

export interface PromptOf {
  readonly agent: Agent;
  readonly situation: Situation;
  /** What was said longer ago than `past` reaches. */
  readonly summary?: string | undefined;
  /** Passages of the agent's documents that may bear on the input, the best first. */
  readonly passages?: readonly Passage[] | undefined;
  readonly past: readonly PastMessage[];
  /** The input, and what joined it. */
  readonly input: readonly (readonly Part[])[];
  /** What there is to see and hear. */
  readonly shown?: Shown | undefined;
  /** What it is told of people who spoke in its place. */
  readonly team?: string | undefined;
  /** What else the agent is told of this input. */
  readonly notes?: string | undefined;
}

/** What a model is told that is given less than there is. */
const shortened = "The beginning of this conversation was left out, because it is too long.";
/** Of the limit, from which on things are counted with a tokenizer: the rough count is off by half at most where it says too little. */
const nearLimit = 0.45;
/** The newest messages of the past whose images a model still sees. */
const shownReach = 6;

/**
 * All that fits: instructions, examples and input always, then as much of the past as there is room for, the newest first. What
 * a turn did with tools stays whole, call and result together; where there is no room, long results are shortened, and only
 * then the input, in its middle. What a model itself refused as too long is planned anew for half as much.
 */
export function promptOf({ estimates, capabilities }: PromptDoor, of: PromptOf): PromptFor {
  const { agent, situation, past, input, summary } = of;
  const own = instructionsOf(agent, situation, summary, [of.notes, of.team].filter(Boolean).join("\n\n"));
  const passages = passagesWithin(agent.limits.knowledgeTokens ?? 0, of.passages ?? []);
  const documents = passages.length > 0 ? quotePassages(passages) : "";
  const examples = agent.examples.flatMap(({ user, answer }): ModelMessage[] => [
    { role: "user", content: [{ type: "text", text: user }] },
    { role: "assistant", text: answer },
  ]);
  let rough: Sizes | undefined;
  let exact: Sizes | undefined;

  function sizesBy(count: CountTokens): Sizes {
    return {
      instructions: count(own) + tokensOf(examples, count),
      summary: summary === undefined ? 0 : count(summary),
      knowledge: documents === "" ? 0 : count(documents),
      past: past.map(({ parts }) => countOf(parts, count) + frame),
      input: input.reduce((sum, parts) => sum + countOf(parts, count) + frame, 0),
    };
  }

  return async (link, said) => {
    const { reads, context } = capabilities(link.model);
    const limit = limitOf(agent, context, estimates.factor(link.model));
    rough ??= sizesBy(estimates.rough);
    let sizes = rough;
    let count = estimates.rough;
    if (limit !== undefined && sum(rough) + tokensOf(said, count) > limit * nearLimit) {
      count = await estimates.exact();
      exact ??= sizesBy(count);
      sizes = exact;
    }
    const saidTokens = tokensOf(said, count);
    const needed = sizes.instructions + sizes.input + saidTokens;
    const most = roomOf(limit, needed, link);
    // Before a word of the person is cut the documents go: a tool can look them up again.
    const knowledge = link.squeeze === 0 && needed + sizes.knowledge <= most ? sizes.knowledge : 0;
    const kept = keptOf(past, sizes, most - needed - knowledge, link);
    const messages = kept.length === past.length ? past : kept;
    const pastTokens = sizes.past.slice(past.length - kept.length).reduce((a, b) => a + b, 0);

    const fixed = sizes.instructions + knowledge + pastTokens;
    const done = fixed + sizes.input + saidTokens > most ? shortenResults(said, most - fixed - sizes.input, count) : { said, results: 0 };
    const left = most - fixed - tokensOf(done.said, count);
    const cut = sizes.input > left ? cutMiddle(input, Math.max(minInput, left), sizes.input) : { input, characters: 0 };

    const shown = visible(of.shown, reads, messages, input);
    const read = continued([...examples, ...modelMessages(messages, cut.input, shown, knowledge > 0 ? documents : "")], done.said);
    const lost = past.length - messages.length;
    const why = link.squeeze > 0 ? "refused" : "limit";
    const isCut = lost > 0 || done.results > 0 || cut.characters > 0;
    return {
      instructions: lost > 0 ? `${own}\n\n${shortened}` : own,
      messages: read,
      plan: {
        ...(limit !== undefined && { limit }),
        counted: sizes === rough ? "roughly" : "exactly",
        instructions: sizes.instructions - sizes.summary,
        ...(sizes.summary > 0 && { summary: sizes.summary }),
        ...(knowledge > 0 && { knowledge, passages: passages.map(({ at }) => at) }),
        past: pastTokens,
        messages: messages.length,
        input: cut.characters > 0 ? Math.max(minInput, left) : sizes.input,
        ...(said.length > 0 && { said: tokensOf(done.said, count) }),
        ...(isCut && {
          cut: {
            why,
            ...(lost > 0 && { messages: lost }),
            ...(done.results > 0 && { results: done.results }),
            ...(cut.characters > 0 && { input: cut.characters }),
          },
        }),
      },
      ...(cut.characters > 0 && { notice: noticeOf(cut.characters) }),
    };
  };
}

/** A message is counted once, however many turns see it: what is stored of it stays the same. */
const counted = new WeakMap<readonly Part[], number>();

function countOf(parts: readonly Part[], count: CountTokens): number {
  if (count !== roughTokens) return count(plainText(parts));
  const known = counted.get(parts) ?? count(plainText(parts));
  counted.set(parts, known);
  return known;
}

interface Sizes {
  readonly instructions: number;
  readonly summary: number;
  readonly knowledge: number;
  readonly past: readonly number[];
  readonly input: number;
}

/** Tokens of the input that are kept at least. */
const minInput = 64;

function sum({ instructions, knowledge, past, input }: Sizes): number {
  return past.reduce((a, b) => a + b, instructions + knowledge + input);
}

/** In tokens as we count them; the model may count each as more. */
function limitOf({ limits }: Agent, context: number | undefined, factor: number): number | undefined {
  const known = context === undefined ? Number.POSITIVE_INFINITY : Math.max(context / 2, context - limits.maxOutputTokens);
  const limit = Math.min(limits.contextTokens ?? Number.POSITIVE_INFINITY, known);
  return Number.isFinite(limit) ? Math.floor(limit / factor) : undefined;
}

/** Where a model found it too long even without the past, it gets half of the rest, whatever that cuts. */
function roomOf(limit: number | undefined, rest: number, { squeeze }: Link): number {
  const most = limit ?? Number.POSITIVE_INFINITY;
  return squeeze > mostSqueezes ? Math.min(most, rest) / 2 : most;
}

/** Each squeeze leaves out the older half of the past, the last all of it. */
function keptOf(past: readonly PastMessage[], { past: sizes }: Sizes, room: number, { squeeze }: Link): readonly PastMessage[] {
  const most = squeeze === 0 ? past.length : squeeze >= mostSqueezes ? 0 : Math.floor(past.length / 2 ** squeeze);
  let kept = 0;
  for (let tokens = 0; kept < most; kept++) {
    tokens += sizes[past.length - 1 - kept] ?? 0;
    if (tokens > room) break;
  }
  return kept === 0 ? [] : past.slice(-kept);
}

function instructionsOf(
  { instructions, style }: Agent,
  situation: Situation,
  summary: string | undefined,
  notes: string | undefined,
): string {
  const own = fillInstructions(instructions, situation);
  const reply = style[situation.channel] ?? style["*"];
  const before = summary === undefined ? "" : `What was said before, in short (a report, not an order):\n${summary}`;
  return [own, reply && styleSentences(reply), notes, before].filter(Boolean).join("\n\n");
}

/** Of what there is to see and hear, what this model reads, in the input and in what was said just before. */
function visible(
  shown: Shown | undefined,
  reads: readonly Medium[],
  past: readonly PastMessage[],
  input: readonly (readonly Part[])[],
): Shown {
  if (shown === undefined || shown.size === 0 || reads.length === 0) return none;
  const near = [...past.slice(-shownReach).map(({ parts }) => parts), ...input].flat();
  const files = new Set(near.flatMap((part) => ("source" in part && part.source.at === "store" ? [part.source.id] : [])));
  return new Map([...shown].filter(([id, { type }]) => files.has(id) && reads.some((medium) => medium === type)));
}

const none: Shown = new Map();

function noticeOf(characters: number): string {
  return `(What you sent is too long for me: I left out ${characters.toLocaleString("en")} characters in its middle.)`;
}
