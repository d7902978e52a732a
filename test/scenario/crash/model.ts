import { setTimeout as wait } from "node:timers/promises";
import { type Journal, now } from "./journal.ts";
import { type LocalServer, listen } from "./server.ts";

/** A line of the model's log: it was asked for the first words of an answer. */
export interface Asked {
  readonly n: number;
  readonly by: number;
  readonly at: number;
  /** It failed on purpose. */
  readonly failed: boolean;
}

/** What the model says of a message, whole. */
export function answerTo(n: number): string {
  return `re:${n} and that is all`;
}

/** Which message a text answers; a draft may hold the first word only. */
export function answered(text: string): { readonly n: number; readonly whole: boolean } {
  const n = Number(/re:(\d+)/.exec(text)?.[1]);
  return { n, whole: text.includes(answerTo(n)) };
}

/** Streams `re:<n> …`; each tenth message needs a tool first, each seventh fails once, each fourth is slow enough to be drafted. */
export function startModel(journal: Journal): Promise<LocalServer> {
  const failedOnce = new Set<number>();
  return listen(async (request, response, body) => {
    // What it knows of its models is asked without being billed, and it says nothing of them.
    if (request.method !== "POST")
      return void response.writeHead(404, { "content-type": "application/json" }).end('{"error":{"message":"no"}}');
    const { messages = [] } = JSON.parse(body || "{}") as { messages?: { role: string; content: unknown }[] };
    const words = messages.filter(({ role }) => role === "user").at(-1)?.content;
    const n = Number(/\d{6,}/.exec(typeof words === "string" ? words : JSON.stringify(words))?.[0]);
    const afterTool = messages.at(-1)?.role === "tool";
    const failed = n % 7 === 0 && !failedOnce.has(n);
    if (failed) failedOnce.add(n);
    if (!afterTool) await journal.note({ n, by: Number(request.headers["x-caller"]), at: now(), failed } satisfies Asked);
    if (failed) {
      response.writeHead(503, { "content-type": "application/json", "retry-after": "0" }).end('{"error":{"message":"overloaded"}}');
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (choice: object) =>
      response.write(`data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", choices: [{ index: 0, ...choice }] })}\n\n`);
    if (n % 10 === 0 && !afterTool) {
      const call = { index: 0, id: "call_1", type: "function", function: { name: "current_time", arguments: "{}" } };
      send({ delta: { role: "assistant", tool_calls: [call] } });
      send({ delta: {}, finish_reason: "tool_calls" });
    } else {
      const answer = answerTo(n);
      const cut = answer.indexOf(" ") + 1;
      send({ delta: { role: "assistant", content: answer.slice(0, cut) } });
      if (n % 4 === 0) await wait(250);
      send({ delta: { content: answer.slice(cut) } });
      send({ delta: {}, finish_reason: "stop" });
    }
    response.write('data: {"id":"x","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n\n');
    response.end("data: [DONE]\n\n");
  });
}
