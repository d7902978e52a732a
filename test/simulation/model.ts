import { z } from "zod";
import { fail, fault, ok } from "../../src/core/errors.ts";
import { defineProvider, type ModelEvent, type ModelMessage, type ModelRequest, type Provider } from "../../src/core/provider.ts";
import { defineTool, type Tool } from "../../src/core/tool.ts";
import type { Random } from "./random.ts";
import type { Owner, Scheduler } from "./scheduler.ts";

export interface ModelDoor {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly life: Owner;
  /** How often a call goes wrong. */
  readonly trouble: () => number;
  /** Called before anything else is done about a call for the event `n`; the returned function when it has ended. */
  readonly asked: (n: number) => () => void;
}

/** How a call goes. */
type Course = "answer" | "tools" | "overloaded" | "refused" | "endless" | "throws" | "stalls" | "empty";

const usage = { input: 10, cachedInput: 0, output: 5, reported: true };
/** Longer than a turn may take. */
const stallMs = 40_000;

export function simulatedProvider(door: ModelDoor): Provider {
  const { scheduler, random, life } = door;

  /** False when the caller gave up meanwhile. */
  function waited(label: string, ms: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = () => {
        cancel();
        if (!life.over) resolve(false);
      };
      const cancel = scheduler.add(
        life,
        label,
        () => {
          signal.removeEventListener("abort", stop);
          resolve(!signal.aborted);
        },
        ms,
      );
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  }

  const pause = () => (random.chance(0.5) ? 0 : random.between(1, 300));

  return defineProvider<unknown>({
    kind: "sim",
    name: "Simulated",
    settings: z.object({}),
    models: async () => ok(["one", "two"]),
    async *stream(_, request, signal): AsyncGenerator<ModelEvent> {
      const n = numberOf(request.messages);
      const over = door.asked(n);
      try {
        const course = courseOf(request);
        if (course === "stalls") {
          await waited(`chunk #${n} stalled`, stallMs, signal);
          if (!signal.aborted) yield failure("provider-unavailable", "it took too long");
          return;
        }
        if (course === "throws") throw new Error("a bug in the provider");
        for (const delta of wordsOf(n, course)) {
          if (!(await waited(`chunk #${n}`, pause(), signal))) return;
          yield { type: "text", delta };
        }
        if (!(await waited(`chunk #${n} end`, pause(), signal))) return;
        if (course === "tools") yield { type: "tool-call", call: { id: "call", name: "look", input: toolInput() } };
        if (course === "overloaded") {
          const afterMs = random.chance(0.5) ? random.between(1, 20) * 1_000 : undefined;
          yield { ...failure("provider-unavailable", "overloaded"), ...(afterMs !== undefined && { afterMs }) };
        } else if (course === "refused") yield failure("provider-refused", "no such model");
        else if (course !== "endless") yield { type: "end", reason: course === "tools" ? "tool-calls" : "stop", usage };
      } finally {
        over();
      }
    },
  });

  function courseOf({ messages }: ModelRequest): Course {
    if (random.chance(door.trouble())) {
      return random.weighted({ overloaded: 5, refused: 1, endless: 1, throws: 1, stalls: 2, empty: 1 });
    }
    return messages.at(-1)?.role !== "tool" && random.chance(0.15) ? "tools" : "answer";
  }

  function toolInput(): string {
    return random.weighted({ '{"how":"well"}': 6, '{"how":"badly"}': 2, '{"how":"never"}': 1, "{": 1 });
  }

  function wordsOf(n: number, course: Course): readonly string[] {
    if (course === "empty" || (course !== "answer" && random.chance(0.5))) return [];
    if (course !== "answer") return ["one moment "];
    const pieces = random.weighted({ "1": 6, "2": 2, "3": 1 });
    const words = [`re:#${n} `, "that ", "is all"];
    for (let piece = 1; piece < Number(pieces); piece++) words.push(`\n\nmore of #${n}, `, "a paragraph that fills a message");
    if (random.chance(0.15)) words.push(`\n\n\`\`\`buttons\nMore = #${n}\n\`\`\``);
    return words;
  }
}

/** A tool that does what the model asks of it. */
export function simulatedTool(scheduler: Scheduler, life: Owner): Tool {
  return defineTool({
    name: "look",
    description: "Looks.",
    input: z.object({ how: z.enum(["well", "badly", "never"]) }),
    async run({ how }) {
      await scheduler.pass(life, `tool ${how}`, how === "never" ? 2 * stallMs : 0);
      return how === "badly" ? fail("internal", "it saw nothing") : ok("something");
    },
  }) as Tool;
}

function failure(code: "provider-unavailable" | "provider-refused", message: string): Extract<ModelEvent, { type: "fail" }> {
  return { type: "fail", fault: fault(code, message) };
}

/** Which event is to be answered: the last number that its user said. */
function numberOf(messages: readonly ModelMessage[]): number {
  const said = messages.findLast((message) => message.role === "user");
  const words = said?.content.map((part) => (part.type === "text" ? part.text : "")).join(" ") ?? "";
  return Number([...words.matchAll(/#(\d+)/g)].at(-1)?.[1] ?? 0);
}
