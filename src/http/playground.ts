import { randomBytes } from "node:crypto";
import { type Actor, actorName } from "../access/actor.ts";
import { approvalMs } from "../core/approval.ts";
import { type CutOff, cutOff } from "../core/cut-off.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import { dollars } from "../core/money.ts";
import type { PlayEvent, PlayOf } from "../core/playground.ts";
import type { ToolCall } from "../core/provider.ts";
import { say } from "../core/say.ts";
import type { Speak } from "../languages/speak.ts";
import type { HttpDoor } from "./door.ts";
import { veil } from "./veil.ts";
import { showFault } from "./views.ts";

type Shown = PlayEvent | { readonly type: "tool"; readonly state: "asks"; readonly call: ToolCall; readonly question: string };

const mostTrials = 20;
/** So long a first word is waited for with the status of the answer, which may be that of a fault. */
const patienceMs = 10_000;
const heartbeatMs = 15_000;

interface Question {
  readonly actor: Actor;
  readonly agent: string;
  readonly call: ToolCall;
  readonly answer: (allow: boolean) => void;
}

/** The trials that run, and what they ask of the operators who began them. All of it ends with the connection. */
export class Trials {
  readonly #door: Pick<HttpDoor, "playground" | "store" | "clock" | "mask">;
  readonly #open = new Set<CutOff>();
  readonly #questions = new Map<string, Question>();

  constructor(door: Pick<HttpDoor, "playground" | "store" | "clock" | "mask">) {
    this.#door = door;
  }

  /** What fails before anything was said is a fault; what fails later is the stream's last event. */
  async open(actor: Actor, of: Omit<PlayOf, "tenant" | "operator" | "allow">, speak: Speak, left: AbortSignal): Promise<Result<Response>> {
    if (this.#open.size >= mostTrials) return fail("busy", say`${mostTrials} trials run already`);
    const cut = cutOff(left);
    this.#open.add(cut);
    const over = () => {
      this.#open.delete(cut);
      cut.abort();
      cut.end();
    };
    try {
      const events = this.#play(actor, of, cut.signal);
      const early: Shown[] = [];
      let next = events.next();
      const { promise: late, resolve } = Promise.withResolvers<undefined>();
      const cancel = this.#door.clock.after(patienceMs, () => resolve(undefined));
      for (let read = await next; !read.done; read = (await Promise.race([next, late])) ?? { done: true, value: undefined }) {
        early.push(read.value);
        next = events.next();
        // Who is asked has said nothing yet.
        if (read.value.type !== "model") break;
      }
      cancel();
      const last = early.at(-1);
      if (last?.type === "fail") {
        over();
        return { ok: false, fault: { ...last.fault, ...(last.afterMs !== undefined && { afterMs: last.afterMs }) } };
      }
      const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no" };
      return ok(new Response(this.#bodyOf(goOn(early, next, events), speak, over), { headers }));
    } catch (thrown) {
      over();
      throw thrown;
    }
  }

  /** The word of whoever is asked, once, while the trial waits for it. */
  async answer(actor: Actor, id: string, allow: boolean): Promise<Result<{ ok: true }>> {
    const question = this.#questions.get(id);
    const own = question?.actor.operator.id === actor.operator.id && question.actor.tenant === actor.tenant;
    if (!question || !own) return fail("not-found", "nothing of yours asks that any more");
    this.#questions.delete(id);
    const { agent, call } = question;
    if (allow) {
      // It may change something in the world: who let it is on record before it runs.
      const entry = { tenant: actor.tenant, at: this.#door.clock.now(), actor: actorName(actor), action: "playground-tool-allow" };
      await this.#door.store.records.audit({ ...entry, subject: agent, detail: { tool: call.name } });
    }
    question.answer(allow);
    return ok({ ok: true });
  }

  /** Ends them all. */
  close(): void {
    for (const cut of [...this.#open]) cut.abort();
  }

  async *#play(actor: Actor, of: Omit<PlayOf, "tenant" | "operator" | "allow">, signal: AbortSignal): AsyncGenerator<Shown, undefined> {
    const operator = { id: actor.operator.id, name: actor.operator.name };
    let word = Promise.resolve(false);
    for await (const event of this.#door.playground.play({ ...of, tenant: actor.tenant, operator, allow: () => word }, signal)) {
      if (event.type !== "tool" || event.state !== "asks") yield event;
      else {
        const question = `pq_${randomBytes(18).toString("base64url")}`;
        word = this.#ask(question, { actor, agent: of.agent.id, call: event.call }, signal);
        yield { type: "tool", state: "asks", call: event.call, question };
      }
    }
    return undefined;
  }

  #ask(id: string, question: Omit<Question, "answer">, signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const no = () => resolve(false);
    this.#questions.set(id, { ...question, answer: resolve });
    const cancel = this.#door.clock.after(approvalMs, no);
    signal.addEventListener("abort", no, { once: true });
    if (signal.aborted) no();
    return promise.finally(() => {
      cancel();
      signal.removeEventListener("abort", no);
      this.#questions.delete(id);
    });
  }

  #bodyOf(events: AsyncGenerator<Shown, undefined>, speak: Speak, over: () => void): ReadableStream<Uint8Array> {
    const { clock, mask } = this.#door;
    const veiled = veil(mask);
    let stopBeating = () => {};
    const leave = () => {
      stopBeating();
      over();
      void events.return(undefined);
    };
    return new ReadableStream<Uint8Array>({
      start(controller) {
        const beat = () => {
          stopBeating = clock.after(heartbeatMs, () => {
            controller.enqueue(Buffer.from(": still here\n\n"));
            beat();
          });
        };
        beat();
      },
      async pull(controller) {
        try {
          const { value } = await events.next();
          if (value)
            return controller.enqueue(Buffer.from(`event: ${value.type}\ndata: ${JSON.stringify(show(value, speak), veiled)}\n\n`));
          leave();
          controller.close();
        } catch (thrown) {
          leave();
          controller.error(thrown);
        }
      },
      cancel: leave,
    });
  }
}

/** What came already, and all that follows. */
async function* goOn(
  early: readonly Shown[],
  next: Promise<IteratorResult<Shown, undefined>>,
  rest: AsyncGenerator<Shown, undefined>,
): AsyncGenerator<Shown, undefined> {
  try {
    yield* early;
    for (let read = await next; !read.done; read = await rest.next()) yield read.value;
  } finally {
    void rest.return(undefined);
  }
  return undefined;
}

function show(event: Shown, speak: Speak): object {
  if (event.type === "fail") return { type: "fail", fault: showFault(event.fault, speak) };
  if (event.type !== "call") return event;
  const { usage, cost, ...call } = event.call;
  const price = cost && { cost: { usd: dollars(cost.amount), source: cost.price.source, perMillion: cost.price.perMillion } };
  return { type: "call", ...call, ...usage, ...price };
}
