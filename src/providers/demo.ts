import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type ErrorCode, fault, ok } from "../core/errors.ts";
import { defineProvider, type ModelEvent, type ModelRequest, type ToolDescription } from "../core/provider.ts";

const settings = z.strictObject({
  delayMs: z.number().int().min(0).max(5000).default(20).describe("Milliseconds between two words, so that streaming can be seen"),
});

/**
 * The built-in model: no key, no network, the same answer to the same question. It answers by rule, says so under every
 * answer, and shows what the gateway can do. Its tokens are words.
 */
export default defineProvider<z.infer<typeof settings>>({
  kind: "demo",
  name: "Demo (built in)",
  settings,
  translations: {
    de: {
      name: "Demo (eingebaut)",
      settings: {
        delayMs: ["Pause zwischen Wörtern", "Millisekunden zwischen zwei Wörtern, damit zu sehen ist, wie eine Antwort wächst"],
      },
    },
  },
  async *stream(account, request, signal) {
    const words = request.messages
      .flatMap((message) => ("content" in message ? message.content : []))
      .reduce((sum, part) => sum + (part.type === "text" ? count(part.text) : 1), 0);
    const input = words + count(request.instructions);
    const usage = (output: number) => ({ input, cachedInput: 0, output, reported: true });
    if (request.model !== "demo") {
      yield {
        type: "fail",
        fault: fault("provider-refused", `the demo provider has one model, demo; not ${JSON.stringify(request.model)}`),
      };
      return;
    }
    const reply = answer(account.id, request);
    if (reply.kind === "fail") {
      yield { ...reply.event, usage: usage(0) };
      return;
    }
    if (reply.kind === "tool") {
      yield { type: "tool-call", call: { id: `demo_${request.messages.length}`, name: reply.name, input: JSON.stringify(reply.input) } };
      yield { type: "end", reason: "tool-calls", usage: usage(1) };
      return;
    }
    const limit = request.maxOutputTokens ?? Number.POSITIVE_INFINITY;
    let output = 0;
    for (const delta of `${reply.text}\n\n${label}`.match(/\s*\S+/g) ?? []) {
      if (output % 16 === 0 && signal.aborted) return; // not at each word: for a composite signal it is no cheap question
      if (output === limit) {
        yield { type: "end", reason: "length", usage: usage(output) };
        return;
      }
      if (account.settings.delayMs > 0) {
        await pause(account.settings.delayMs, undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
      }
      output++;
      yield { type: "text", delta };
    }
    yield { type: "end", reason: "stop", usage: usage(output) };
  },
  vendor: () => ({ kind: "free" }),
  models: async () => ok(["demo"]),
});

const label = "*— the built-in demo model; it answers by rule. Add a provider for a real one.*";

type Reply =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "tool"; readonly name: string; readonly input: Readonly<Record<string, string>> }
  | { readonly kind: "fail"; readonly event: Extract<ModelEvent, { type: "fail" }> };

function answer(account: string, request: ModelRequest): Reply {
  const last = request.messages.at(-1);
  if (last?.role === "tool") {
    return text(last.failed ? `The tool \`${last.name}\` failed: ${last.result}` : `The tool \`${last.name}\` says: **${last.result}**`);
  }
  const content = last?.role === "user" ? last.content : [];
  const images = content.filter((part) => part.type === "image");
  const said = content
    .flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("\n")
    .trim();
  if (images.length > 0) {
    const list = images.map((image) => `- ${image.mediaType}, ${image.data.length.toLocaleString("en")} bytes`).join("\n");
    return text(
      `I got ${images.length === 1 ? "an image" : `${images.length} images`}:\n\n${list}${said ? `\n\nand your words:\n\n${quote(said)}` : ""}`,
    );
  }
  const turn = request.messages.filter((message) => message.role === "user").length;
  const wish = wishOf(said);
  const [, command = wish, rest = ""] = /^\/?(start|help|time in|calculate|fail)\b\s*([\s\S]*)$/i.exec(wish) ?? [];
  switch (command.toLowerCase()) {
    case "long":
      return text(long);
    case "buttons":
      return text("Which one?\n\n```buttons\nA long answer = long\nThe time = time\nA calculation = calculate 2+3*4\n```");
    case "help":
    case "start":
      return text(`Hello! This is a demonstration. ${features}`);
    case "time":
      return useTool(request.tools, "current_time", {});
    case "time in":
      return useTool(request.tools, "current_time", { zone: rest });
    case "calculate":
      return rest
        ? useTool(request.tools, "calculator", { expression: rest })
        : text("What shall I calculate? For example `calculate 2+3*4`.");
    case "fail":
      if (Object.hasOwn(failures, rest.toLowerCase())) return failing(account, rest.toLowerCase(), turn);
  }
  return text(`You wrote:\n\n${quote(said || "(nothing)")}\n\nThat is message ${turn} of what I can see of our conversation. ${features}`);
}

/** What a sentence asks for, where it plainly asks for one of the things that can be shown; else the words as they are. */
const wishes: readonly (readonly [sentence: RegExp, command: string])[] = [
  [/\b(?:long|longer)\b.*\b(?:answer|reply|response|text|story)\b/i, "long"],
  [/\b(?:show|offer|give|send|with|have)\b.*\bbuttons?\b/i, "buttons"],
  [/\b(?:what time|what(?:'s| is) the time|tell me the time|current time)\b(?!.*\bin\b)/i, "time"],
  [/\b(?:what(?:'s| is)|how much is|compute|calculate) +([\d(][\d\s.()+*/^%-]*?)[\s?.=]*$/i, "calculate $1"],
  [/\b(?:what can you do|who are you)\b/i, "help"],
];
const longestWish = 80;

function wishOf(said: string): string {
  if (said.length > longestWish) return said;
  for (const [sentence, command] of wishes) {
    const found = sentence.exec(said);
    if (found) return command.replace("$1", found[1] ?? "");
  }
  return said;
}

const features = "Try `long`, `time`, `time in Asia/Tokyo`, `calculate 2+3*4`, `buttons`, `fail` or `fail once`.";

function text(words: string): Reply {
  return { kind: "text", text: words };
}

function useTool(offered: readonly ToolDescription[], name: string, input: Readonly<Record<string, string>>): Reply {
  if (offered.some((tool) => tool.name === name)) return { kind: "tool", name, input };
  return text(`For that I need the tool \`${name}\`, which this agent may not use. Add it to the agent's \`tools\`.`);
}

const failures: Readonly<Record<string, { readonly code: ErrorCode; readonly afterMs?: number }>> = {
  "": { code: "provider-unavailable" },
  once: { code: "provider-unavailable", afterMs: 100 },
  auth: { code: "provider-auth" },
  quota: { code: "provider-quota", afterMs: 1000 },
  refused: { code: "provider-refused" },
  malformed: { code: "provider-malformed" },
  context: { code: "context-too-long" },
};

/** What failed once already, by account and turn; in memory only, so a restart may fail it once more. */
const failedOnce = new Set<string>();

function failing(account: string, how: string, turn: number): Reply {
  const failure = failures[how] as (typeof failures)[string];
  if (how === "once") {
    const key = `${account} ${turn}`;
    if (failedOnce.delete(key)) return text("It failed once, as you asked; this is the second try.");
    failedOnce.add(key);
    if (failedOnce.size > 1000) failedOnce.delete(failedOnce.values().next().value as string);
  }
  const { code, ...after } = failure;
  return { kind: "fail", event: { type: "fail", fault: fault(code, "the demo model fails because it was asked to"), ...after } };
}

function quote(words: string): string {
  const shown = words.length > 500 ? `${words.slice(0, 500)}…` : words;
  return shown
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}

function count(words: string): number {
  return words.match(/\S+/g)?.length ?? 0;
}

const long = `# A long answer

It arrives word by word, as a model writes it, so that you can watch it **stream**. A platform that can't show formatting gets readable text instead.

## What happens to a message

1. It is *stored* before the platform is told that it arrived.
2. A route decides which agent answers.
3. The agent's model is asked; if it fails, the next one is.
4. The answer, what it cost, and what is to be sent are stored together.
5. It is sent, and the platform's receipt is kept.

## Why in that order

- Nothing is lost when a machine stops in the middle.
- Nothing is sent twice because something was *probably* not sent.
  - Where nobody can know, it says so, and a person decides.
- Every step can be looked up afterwards.

| stage | what is kept | where it shows |
|---|---|---|
| received | the event | live flow |
| turn | each model call | trace |
| delivery | each attempt | queue |

Code keeps its shape:

\`\`\`ts
for (const message of inbox) {
  await store.commit(message); // first this
  acknowledge(message); // then that
}
\`\`\`

> A promise is only as good as the disk that it was written to.

That is all; a link for good measure: [the glossary](https://example.org/glossary).`;
