import type { Budget } from "../core/budget.ts";
import type { Clock } from "../core/clock.ts";
import { type Fault, fault } from "../core/errors.ts";
import type { SearchKnowledge } from "../core/knowledge.ts";
import { type Part, plainText } from "../core/message.ts";
import type { Capabilities } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { FinishedStep } from "../core/step.ts";
import type { Handed, PastMessage, QueuedEvent, StepEnd, TurnStore } from "../core/store.ts";
import type { ModelCall, TurnEvent, TurnResult } from "../core/turn.ts";
import { answerParts, answerStream } from "./answer-parts.ts";
import type { AttachmentDoor } from "./attachments.ts";
import type { Breakers } from "./breakers.ts";
import { type Chain, chainOf, stepChainOf } from "./chain.ts";
import { plainAnswer } from "./code.ts";
import { handNote } from "./hand.ts";
import { chosen } from "./input.ts";
import { readShown } from "./media.ts";
import { createMeter, type MeterDoor } from "./meter.ts";
import { newCall } from "./model-call.ts";
import { type Instead, overBudget, sentenceOf } from "./over-budget.ts";
import { type Planned, type PromptDoor, promptOf } from "./prompt.ts";
import { passagesOf, situationOf, spenderOf } from "./reading.ts";
import { goingOn, type Opening, runTurn, type TurnDoor, type TurnInput } from "./run.ts";
import type { Run } from "./step-runs.ts";
import { type Ending, type Outcome, stepsOf } from "./steps.ts";
import { teamNote } from "./team.ts";

export interface AnsweringDoor extends PromptDoor, MeterDoor, Pick<TurnDoor, "provider"> {
  readonly store: Pick<TurnStore, "past" | "overBudget">;
  readonly breakers: Breakers;
  readonly estimates: PromptDoor["estimates"] & TurnDoor["estimates"];
  readonly attachments: Pick<AttachmentDoor, "files">;
  readonly capabilities: (model: string) => Capabilities;
  readonly searchKnowledge: SearchKnowledge;
  readonly clock: Clock;
  readonly budgets: () => readonly Budget[];
}

export interface AnsweringOf {
  readonly queued: QueuedEvent;
  readonly agent: Agent;
  /** Of the agent's own answer. */
  readonly chain: Chain;
  /** The input, and what joined it. */
  readonly said: readonly (readonly Part[])[];
  /** How far back in the past messages stand that the model sees in any case. */
  readonly unanswered: number;
  /** What the agent before said when it handed the turn on. */
  readonly handed?: Handed | undefined;
  /** It is a word on a tool's use, which isn't read by any step. */
  readonly verdict: boolean;
  /** What earlier tries said for good; this one goes on behind it. */
  readonly resumed: string | undefined;
}

/** What the turn begins with. */
export interface First {
  readonly call: ModelCall;
  readonly planned: Planned;
}

/** The turn that it is part of. */
export interface Running
  extends Pick<TurnDoor, "seat" | "step" | "sent" | "tell">,
    Pick<TurnInput, "turn" | "tools" | "context" | "cut" | "approved">,
    Pick<Partial<TurnDoor>, "steered"> {
  /** As the model calls its tools: those of servers have other names in the configuration. */
  readonly agent: Agent;
}

/** One agent's answer to a turn's input: its steps one after the other, each as often as it is needed and no more. */
export interface Answering {
  readonly past: readonly PastMessage[];
  /** Whom the first call goes to: nobody where all that is needed is finished, or nobody can be asked. */
  readonly chain: Chain | undefined;
  first(chain: Chain): Promise<First>;
  /** What becomes of a call that no budget allows. */
  instead(call: ModelCall): Promise<Instead>;
  /** `opening`: the first call, on that chain, where it is stored already. */
  run(on: Running, opening?: Opening & { readonly chain: Chain }): Promise<TurnResult>;
}

export async function prepareAnswer(door: AnsweringDoor, of: AnsweringOf): Promise<Answering> {
  const { store, clock, breakers } = door;
  const { queued, agent, verdict, resumed } = of;
  const history = Math.max(agent.limits.history, of.unanswered);
  const past = history > 0 ? await store.past(queued, history) : [];
  const reads = new Set(agent.models.flatMap((model) => door.capabilities(model).reads));
  const seen = [...past.map(({ parts }) => parts), ...of.said].flat();
  const shown = reads.size === 0 ? undefined : await readShown(door.attachments.files, queued.tenant, seen, reads);
  const situation = situationOf(queued, agent, clock.now());
  const summary = queued.conversation.summary?.text || undefined;
  const team = teamNote(queued.conversation.handedBack, past);
  const passages = await passagesOf(door, agent, queued.tenant, of.said);
  const meter = createMeter(door, spenderOf(queued, agent));
  // A number or a label stands for a button: it is what the steps read, too.
  const input = of.said.map((parts, index) => (index === 0 ? chosen(past.at(-1), parts) : parts));
  const known = new Map(queued.steps?.map((finished) => [finished.key, finished]));
  const steps = stepsOf({
    ...{ agent, situation, input, verdict },
    promptFor: (input, notes) => {
      const read = of.handed ? [...input, handNote(of.handed)] : input;
      return promptOf(door, { agent, situation, summary, passages, past, input: read, shown, notes, team });
    },
    handed: of.handed?.reason,
  });
  let next = pastKnown(steps.next());

  function pastKnown(at: IteratorResult<Run, Ending>): IteratorResult<Run, Ending> {
    for (;;) {
      const finished = at.done ? undefined : known.get(at.value.key);
      if (!finished) return at;
      at = steps.next({ kind: "finished", finished });
    }
  }

  function chainFor({ models }: Run): Chain {
    return models ? stepChainOf(models, breakers) : of.chain;
  }

  /** What is read behind the input by the first call of a run. */
  function before({ said, last }: Run) {
    return [...said, ...(last ? goingOn(resumed) : [])];
  }

  const instead = (call: ModelCall) => {
    return overBudget({ store, budgets: door.budgets, breakers, meter, tenant: queued.tenant }, call, clock.now());
  };

  async function perform(run: Run, on: Running, chain: Chain, opening: Opening | undefined): Promise<TurnResult> {
    // A step waits for nobody: that is for the turn's next try.
    if (run.models && chain.waitMs > 0)
      return { kind: "failure", fault: chain.later()?.fault ?? unreachable, retryAfterMs: chain.waitMs, calls: [] };
    const own = run.role === "generate";
    const quiet = (event: TurnEvent) => event.type === "turn-text" || event.type === "turn-restart" || on.tell(event);
    return runTurn(
      {
        ...{ clock, breakers, meter, provider: door.provider, estimates: door.estimates, seat: on.seat, step: on.step },
        ...(own && on.steered && { steered: on.steered }),
        tell: run.last ? on.tell : quiet,
        sent: run.last ? on.sent : () => 0,
        answerParts: own ? answerParts : (text) => plainAnswer(run.code ? run.code.unmask(text) : text),
        answerStream: run.code?.unmasking ?? answerStream,
        async overBudget(call) {
          const next = await instead(call);
          if (next.kind === "again") return chainOf({ models: [`${call.provider}/${call.model}`] }, breakers);
          return next.kind === "ask" ? next.chain : sentenceOf(next);
        },
      },
      {
        ...{ turn: on.turn, context: on.context, cut: on.cut, chain, opening, purpose: run.purpose, prompt: run.prompt, said: run.said },
        agent: own ? on.agent : run.agent,
        tools: own ? on.tools : [],
        // What it came to is in the answer that was objected to.
        approved: own && run.said.length === 0 ? on.approved : undefined,
        resumed: run.last ? resumed : undefined,
      },
    );
  }

  return {
    ...{ past, instead },
    get chain() {
      const chain = next.done ? undefined : chainFor(next.value);
      return next.done || (next.value.models && chain && chain.waitMs > 0) ? undefined : chain;
    },
    async first({ first: link }) {
      if (next.done) throw new Error("Nothing is left to be asked");
      const run = next.value;
      const planned = await run.prompt(link, before(run));
      const holds = meter.holds(link, planned, run.agent.limits.maxOutputTokens);
      return { call: newCall(link, { clock, agent: agent.id, purpose: run.purpose, context: planned.plan, holds }), planned };
    },
    async run(on, opening) {
      let calls: readonly ModelCall[] = [];
      for (let opened = opening; !next.done; opened = undefined) {
        const run = next.value;
        const result = await perform(run, on, opened?.chain ?? chainFor(run), opened);
        if (result.kind === "cancelled" || result.kind === "hand") return result;
        ({ calls } = result);
        const { outcome, end } = outcomeOf(run, result, on.sent() > 0);
        // The turn's end tells the rest.
        if (outcome.kind === "finished" ? !run.last : run.role !== "generate") {
          const stored = await on.step({ ended: calls[0], step: end, tools: [], at: clock.now() });
          if (!stored.ok) return { kind: "cancelled", calls: [] };
          calls = [];
        }
        next = pastKnown(steps.next(outcome));
      }
      return { ...next.value, calls };
    },
  };
}

const unreachable = fault("provider-unavailable", "no model of the step can be reached");

type Ended = Exclude<TurnResult, { readonly kind: "cancelled" | "hand" }>;

/** `spoken`: some of it can't be taken back, so that it stands as it is. */
function outcomeOf(
  { role, key, code, last, read }: Run,
  result: Ended,
  spoken: boolean,
): { readonly outcome: Outcome; readonly end: StepEnd } {
  const { calls: _, ...ending } = result;
  if (ending.kind === "failure") return failed(role, ending, ending.fault);
  const { kind: __, ...answer } = ending;
  if (role === "generate") return finishedAs({ key, role, text: "", answer });
  if (answer.stopped) return failed(role, ending, spent);
  const got = answer.whole || (last && spoken) ? read(plainText(answer.parts)) : undefined;
  if (!got) return failed(role, { kind: "failure", fault: unusable }, unusable);
  return finishedAs({ key, role, text: got.text, ...(code && { answer }) }, got);
}

const spent = fault("budget-spent", "a budget is used up");
const unusable = fault("provider-malformed", "the model didn't say what the step asks for, or not all of it");

function failed(role: Run["role"], ending: Ending, why: Fault) {
  return { outcome: { kind: "failed", ending }, end: { role, fault: why } } as const;
}

function finishedAs(finished: FinishedStep, { choice, objects }: Pick<StepEnd, "choice" | "objects"> = {}) {
  return { outcome: { kind: "finished", finished }, end: { role: finished.role, finished, choice, objects } } as const;
}
