import { type Budget, type Hold, holdsOf, type Spender } from "../core/budget.ts";
import type { Clock } from "../core/clock.ts";
import type { Cost, PriceList } from "../core/cost.ts";
import type { ModelKey, ModelMessage, Usage } from "../core/provider.ts";
import type { ModelCall } from "../core/turn.ts";
import type { Prompt } from "./prompt.ts";

/** What the calls of one turn hold on the budgets that count them, and what they come to. */
export interface Meter {
  /** For a call that is about to be made, by what it reads (or so many tokens) and may say; absent where no budget counts it. */
  holds(link: Pick<ModelKey, "model">, asked: Prompt | number, maxOutputTokens: number): readonly Hold[] | undefined;
  /** From now on this budget stops nothing of the turn: what it falls back to is asked. It still counts. */
  pass(budget: string): void;
  cost(call: ModelCall, usage: Usage): Cost | undefined;
}

export interface MeterDoor {
  readonly clock: Clock;
  readonly budgets: () => readonly Budget[];
  readonly prices: PriceList;
}

export function createMeter({ clock, budgets, prices }: MeterDoor, spender: Spender): Meter {
  let passed: Set<string> | undefined;
  return {
    holds({ model }, asked, maxOutputTokens) {
      const counting = budgets();
      if (counting.length === 0) return undefined;
      const at = clock.now();
      const slash = model.indexOf("/");
      const usage = { input: typeof asked === "number" ? asked : mostTokens(asked), cachedInput: 0, output: maxOutputTokens };
      const cost = prices.cost({ provider: model.slice(0, slash), model: model.slice(slash + 1), at }, usage);
      const holds = holdsOf(counting, spender, { tokens: usage.input + usage.output, amount: cost?.amount ?? 0 }, at);
      return holds.map((hold) => (passed?.has(hold.budget) ? { ...hold, tokenLimit: undefined, amountLimit: undefined } : hold));
    },
    pass(budget) {
      passed ??= new Set();
      passed.add(budget);
    },
    cost: ({ provider, model, startedAt }, usage) => (usage.reported ? prices.cost({ provider, model, at: startedAt }, usage) : undefined),
  };
}

/** Bytes that a token stands for at least, in what people write; a reservation may be too high, never too low. */
const bytesPerToken = 2;
/** Tokens of an image at most: the tallest that providers scale to. */
const imageTokens = 3_000;
/** Tokens that a message's frame costs. */
const frameTokens = 8;

function mostTokens({ instructions, messages }: Prompt): number {
  let bytes = Buffer.byteLength(instructions);
  let tokens = frameTokens;
  for (const message of messages) {
    tokens += frameTokens;
    const [text, images] = sizeOf(message);
    bytes += text;
    tokens += images * imageTokens;
  }
  return tokens + Math.ceil(bytes / bytesPerToken);
}

/** Bytes of its texts, and how many images it has. */
function sizeOf(message: ModelMessage): readonly [number, number] {
  switch (message.role) {
    case "user":
      return message.content.reduce<[number, number]>(
        ([bytes, images], part) => (part.type === "text" ? [bytes + Buffer.byteLength(part.text), images] : [bytes, images + 1]),
        [0, 0],
      );
    case "assistant":
      return [Buffer.byteLength(message.text) + (message.toolCalls ?? []).reduce((sum, { input }) => sum + Buffer.byteLength(input), 0), 0];
    case "tool":
      return [Buffer.byteLength(message.result), 0];
  }
}
