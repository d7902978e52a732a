import { z } from "zod";
import type { Fault } from "../../src/core/errors.ts";
import { defineProvider, type ModelEvent, type ModelRequest, type Provider } from "../../src/core/provider.ts";

export const usage = { input: 1, cachedInput: 0, output: 1, reported: true };

/** One request to the model, answered by hand. */
export interface Asked {
  /** What the model is told, in short: `user: a | b`, `assistant: …`, `tool: …`. */
  readonly told: readonly string[];
  readonly signal: AbortSignal;
  /** Shows some words; more may follow. */
  say(text: string): void;
  /** Ends the answer, with these last words. */
  answer(text: string): void;
  /** Ends it with the wish to use a tool. */
  call(name: string, input: object): void;
  fail(fault: Fault): void;
}

export interface ModelByHand {
  readonly provider: Provider<never>;
  /** How often it was asked. */
  readonly count: number;
  /** The next request that nobody has taken yet. */
  asked(): Promise<Asked>;
}

/** A model whose every answer the test gives, when it wants to. */
export function modelByHand(): ModelByHand {
  const waiting: Asked[] = [];
  const takers: ((asked: Asked) => void)[] = [];
  let count = 0;
  const provider = defineProvider<never>({
    kind: "test",
    name: "Test",
    settings: z.never(),
    async *stream(_, request, signal) {
      if (signal.aborted) return;
      count += 1;
      const events: ModelEvent[] = [];
      let ring = () => {};
      const tell = (...more: ModelEvent[]) => {
        events.push(...more);
        ring();
      };
      signal.addEventListener("abort", () => ring(), { once: true });
      const asked: Asked = {
        told: inShort(request),
        signal,
        say: (delta) => tell({ type: "text", delta }),
        answer: (delta) => tell({ type: "text", delta }, { type: "end", reason: "stop", usage }),
        call: (name, input) =>
          tell(
            { type: "tool-call", call: { id: `t${count}`, name, input: JSON.stringify(input) } },
            { type: "end", reason: "tool-calls", usage },
          ),
        fail: (fault) => tell({ type: "fail", fault, afterMs: 1 }),
      };
      const taker = takers.shift();
      if (taker) taker(asked);
      else waiting.push(asked);
      while (!signal.aborted) {
        const event = events.shift();
        if (event) {
          yield event;
          if (event.type === "end" || event.type === "fail") return;
        } else {
          await new Promise<void>((resolve) => {
            ring = resolve;
            if (signal.aborted || events.length > 0) resolve();
          });
        }
      }
    },
    models: async () => ({ ok: true, value: ["model"] }),
  });
  return {
    provider,
    get count() {
      return count;
    },
    asked() {
      const next = waiting.shift();
      return next ? Promise.resolve(next) : new Promise((resolve) => takers.push(resolve));
    },
  };
}

export function inShort(request: ModelRequest): readonly string[] {
  return request.messages.map((message) => {
    if (message.role === "tool") return `tool: ${message.result}`;
    if (message.role === "assistant") return `assistant: ${message.text}`;
    return `user: ${message.content.map((content) => (content.type === "text" ? content.text : content.type)).join(" | ")}`;
  });
}
