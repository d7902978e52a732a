import type { Spender } from "../core/budget.ts";
import type { Calls } from "../core/calls.ts";
import { type Chosen, type Classifier, choiceInstructions, quoted, readChoice } from "../core/choice.ts";
import type { Clock } from "../core/clock.ts";
import { cutOff } from "../core/cut-off.ts";
import type { EventId } from "../core/ids.ts";
import { similarity } from "../core/similarity.ts";

export interface ClassifyDoor {
  readonly calls: Pick<Calls, "complete" | "embed">;
  readonly clock: Clock;
}

export interface ClassifyFor {
  readonly spender: Spender;
  readonly trace?: EventId;
}

/** A message waits so long for its classifier at most; then its route's own agent answers. */
const patienceMs = 5_000;
/** Characters of a message that are looked at. */
const reach = 2_000;

/** Vectors of examples, by the model that made them: made once in a process. */
export type ExampleVectors = Map<string, readonly number[]>;

/** What the text is about, of what there is to choose. Never throws, and never waits for long. */
export async function classify(
  door: ClassifyDoor,
  classifier: Classifier,
  text: string,
  of: ClassifyFor,
  vectors: ExampleVectors,
  signal: AbortSignal,
): Promise<Chosen> {
  const cut = cutOff(signal, { clock: door.clock, ms: patienceMs });
  try {
    const asked = text.slice(0, reach).toWellFormed();
    const by = classifier.by === "model" ? byModel : byEmbedding;
    const chosen = await by(door, classifier, asked, of, vectors, cut.signal);
    if (chosen.choice === undefined || chosen.confidence >= classifier.floor) return chosen;
    const { choice, ...rest } = chosen;
    return { ...rest, reason: `${choice} is below the floor of ${classifier.floor}` };
  } finally {
    cut.end();
  }
}

type By = typeof byModel;

async function byModel(
  { calls }: ClassifyDoor,
  { models, choices }: Classifier,
  text: string,
  { spender, trace }: ClassifyFor,
  _: ExampleVectors,
  signal: AbortSignal,
): Promise<Chosen> {
  const content = [{ type: "text", text: `The message:\n${quoted(text)}` }] as const;
  const ask = {
    models,
    instructions: choiceInstructions(choices),
    messages: [{ role: "user", content }],
    maxOutputTokens: 200,
    temperature: 0,
  } as const;
  const answered = await calls.complete({ purpose: "classify", spender, ...(trace && { trace }) }, ask, signal);
  if (!answered.ok) return { confidence: 0, by: "model", reason: `it failed: ${answered.fault.code}` };
  const read = readChoice(answered.value.text);
  const choice = choices.find(({ name }) => name === read?.choice)?.name;
  if (choice === undefined) return { confidence: 0, by: "model", reason: "it named none of the choices" };
  return { choice, confidence: read?.confidence ?? 0, by: "model", reason: read?.reason ?? "" };
}

/** The nearest example decides; how near it is is the confidence. */
const byEmbedding: By = async ({ calls }, { models, choices }, text, { spender, trace }, vectors, signal) => {
  const of = { purpose: "embed", spender, ...(trace && { trace }) } as const;
  const embedded = await calls.embed(of, { models, texts: [text] }, signal);
  const vector = embedded.ok ? embedded.value.vectors[0] : undefined;
  if (!embedded.ok || !vector)
    return { confidence: 0, by: "embedding", reason: `it failed: ${embedded.ok ? "no vector" : embedded.fault.code}` };
  const { model } = embedded.value;
  const keyOf = (example: string) => `${model}\0${example}`;
  const missing = choices.flatMap(({ examples }) => examples).filter((example) => !vectors.has(keyOf(example)));
  if (missing.length > 0) {
    const made = await calls.embed(of, { models: [model], texts: missing }, signal);
    if (!made.ok) return { confidence: 0, by: "embedding", reason: `it failed: ${made.fault.code}` };
    for (const [n, example] of missing.entries()) vectors.set(keyOf(example), made.value.vectors[n] ?? []);
  }
  let best: { readonly choice: string; readonly confidence: number; readonly reason: string } | undefined;
  for (const { name, examples } of choices) {
    for (const example of examples) {
      const alike = similarity(vector, vectors.get(keyOf(example)) ?? []);
      if (alike > (best?.confidence ?? 0))
        best = { choice: name, confidence: alike, reason: `like ${JSON.stringify(example.slice(0, 80))}` };
    }
  }
  return { ...(best ?? { confidence: 0, reason: "there is nothing like it" }), by: "embedding" };
};
