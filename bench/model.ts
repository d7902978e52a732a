/**
 * A model behind the Chat Completions API that answers with the question and 49 words, each its own server-sent event,
 * and costs little itself. With a delay it speaks a word at a time, as a model does.
 *
 * usage: node bench/model.ts [--delay <milliseconds between two words>]
 */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";

export interface ModelServer {
  /** Without `/v1`. */
  readonly url: string;
  close(): void;
}

const event = (value: object) =>
  `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "chunks-50", ...value })}\n\n`;
const wordEvent = (content: string) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const words = Array.from({ length: 49 }, (_, n) => wordEvent(` word${n + 1}`));
const ending = [
  event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
  event({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 } }),
  "data: [DONE]\n\n",
];

export async function startModel(options: { readonly delayMs: number; readonly began?: (question: string) => void }): Promise<ModelServer> {
  const { delayMs, began } = options;
  const server = http.createServer(async (request, response) => {
    // What a server tells of its models: this one tells nothing.
    if (request.method !== "POST") return void response.writeHead(404).end();
    const { messages = [] } = JSON.parse((await buffer(request)).toString() || "{}") as {
      messages?: readonly { readonly content: unknown }[];
    };
    const question = textOf(messages.at(-1)?.content);
    response.writeHead(200, { "content-type": "text/event-stream" });
    began?.(question);
    for (const one of [wordEvent(question), ...words]) {
      response.write(one);
      if (delayMs > 0) await new Promise((go) => setTimeout(go, delayMs));
    }
    response.end(ending.join(""));
  });
  server.maxConnections = 10_000;
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A message's content is a text, or parts of which some are text. */
function textOf(content: unknown): string {
  if (!Array.isArray(content)) return String(content);
  return content.map((part: { readonly text?: string }) => part.text ?? "").join("");
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { delay: { type: "string", default: "0" } } });
  const server = await startModel({ delayMs: Number(values.delay) });
  console.log(`ready ${server.url}`);
  process.once("SIGTERM", () => process.exit());
}
