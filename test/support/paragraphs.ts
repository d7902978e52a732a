import { defineProvider, type Provider } from "../../src/core/provider.ts";
import type { HandClock } from "../clock.ts";
import { usage } from "./model.ts";

/** Paragraphs of an answer, each long enough to be a message of its own. */
export const paragraphs: readonly string[] = ["first", "second", "third", "fourth"].map((which) =>
  `This is the **${which}** paragraph. ${"It says what it has to say, and then a little more. ".repeat(5)}`.trim(),
);
export const answer = paragraphs.join("\n\n");

/** Lets time pass, slowly enough for the disk to keep up, until it is done. */
export async function passing(clock: HandClock, done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) {
    await clock.advance(20);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Says the answer paragraph by paragraph, two seconds each; asked to go on behind some words, the rest of it. */
export function slowModel(clock: HandClock): Provider<never> {
  return defineProvider<never>({
    ...{ kind: "test", name: "Test", models: async () => ({ ok: true, value: ["model"] }) },
    settings: undefined as never,
    async *stream(_, { messages }, signal) {
      const before = messages.at(-2);
      const said = before?.role === "assistant" && answer.startsWith(before.text.trim()) ? before.text : "";
      for (const delta of answer.slice(said.length).split(/(?<=\n\n)/)) {
        yield { type: "text", delta };
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve(), { once: true });
          clock.after(2_000, resolve);
        });
        if (signal.aborted) return;
      }
      yield { type: "end", reason: "stop", usage };
    },
  });
}
