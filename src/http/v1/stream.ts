import type { CallEvent, Completion } from "../../core/calls.ts";
import type { Fault } from "../../core/errors.ts";
import type { EndReason, ToolCall, Usage } from "../../core/provider.ts";
import { type ModelProblem, modelProblem } from "./problem.ts";

/** What every format says about an answer. */
export interface Heard {
  readonly id: string;
  /** As it was asked for. */
  readonly model: string;
  readonly at: number;
}

/** One server-sent event: `data` as JSON, or as it is where it is text. */
export interface Sent {
  readonly event?: string;
  readonly data: object | string;
}

/** How an answer is written, as a whole or as it comes. */
export interface Format {
  whole(answer: Completion): object;
  begin(): readonly Sent[];
  text(delta: string): readonly Sent[];
  call(call: ToolCall): readonly Sent[];
  end(end: { readonly reason: EndReason; readonly usage: Usage }): readonly Sent[];
  fail(error: ModelProblem["error"]): readonly Sent[];
}

/**
 * The stream's body. The first event of the model was awaited before: what fails before anything was said is an answer with
 * a status, what fails later is the last event. `why` knows better what a fault comes from.
 */
export function bodyOf(
  first: CallEvent,
  rest: AsyncIterator<CallEvent>,
  format: Format,
  why: (fault: Fault) => Fault,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let pending: CallEvent | undefined = first;
  let begun = false;
  return new ReadableStream({
    async pull(controller) {
      const send = (sent: readonly Sent[]) => {
        for (const { event, data } of sent) {
          const text = typeof data === "string" ? data : JSON.stringify(data);
          controller.enqueue(encoder.encode(`${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`));
        }
        return sent.length > 0;
      };
      if (!begun) send(format.begin());
      begun = true;
      for (;;) {
        const event: CallEvent | undefined = pending ?? (await rest.next()).value;
        pending = undefined;
        if (event === undefined) return controller.close();
        if (event.type === "text" && send(format.text(event.delta))) return;
        if (event.type === "tool-call" && send(format.call(event.call))) return;
        if (event.type === "end") send(format.end(event));
        if (event.type === "fail") send(format.fail(modelProblem(why(event.fault)).error));
        if (event.type === "end" || event.type === "fail") return controller.close();
      }
    },
    async cancel() {
      await rest.return?.();
    },
  });
}
