import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Actor } from "../../access/actor.ts";
import type { Calls } from "../../core/calls.ts";
import { neutralise } from "../../core/hidden-text.ts";
import { inWords, mostBytes, type Perceived, wordModels } from "../../core/in-words.ts";
import type { Capabilities, ModelContent, ModelMessage } from "../../core/provider.ts";
import { type Asked, callFor, type Said } from "./request.ts";

export interface WordsDoor {
  readonly calls: Pick<Calls, "complete" | "transcribe">;
  readonly capabilities: (model: string) => Capabilities;
}

/** Images and recordings that one request has put into words at most, the newest first: each is a paid call. */
const mostCalls = 8;
/** Programs send the whole conversation with each request: what was put into words is paid for once an hour. */
const kept = { max: 1_000, maxSize: 8_000_000, ttl: 3_600_000 } as const;

/**
 * What is said, with images and recordings in words where the agent's model can't see or hear them and it has `describe` or
 * `transcribe`, as in a conversation. Without those they go to the model as they are, which may know better than we.
 */
export function createWords({ calls, capabilities }: WordsDoor) {
  const known = new LRUCache<string, string>({ ...kept, sizeCalculation: (words, key) => 2 * (words.length + key.length) });

  return async (said: Said, asked: Asked, actor: Actor, signal: AbortSignal): Promise<Said> => {
    const { agent } = asked;
    if (!agent) return said;
    const { reads } = capabilities(asked.models[0] ?? "");
    const { spender } = callFor("answer", asked, actor);
    let left = mostCalls;

    async function wordsOf(content: Perceived, models: readonly string[]): Promise<string | undefined> {
      if (content.data.byteLength > mostBytes[content.type]) return undefined;
      const hash = createHash("sha256").update(JSON.stringify([actor.tenant, agent?.id, models, content.type, content.mediaType]));
      const key = hash.update("\n").update(content.data).digest("base64");
      const before = known.get(key);
      if (before !== undefined || left === 0 || signal.aborted) return before;
      left -= 1;
      const words = await inWords(calls, { spender }, { models, content }, signal);
      if (words) known.set(key, words);
      return words;
    }

    async function readable(content: ModelContent): Promise<ModelContent> {
      if (content.type === "text" || reads.includes(content.type)) return content;
      const models = wordModels(agent as NonNullable<typeof agent>, content.type);
      if (models.length === 0) return content;
      const words = (await wordsOf(content, models)) ?? (content.type === "image" ? "you can't see it" : "you can't hear it");
      return { type: "text", text: `[${content.type}: ${neutralise(words)}]` };
    }

    const messages: ModelMessage[] = [];
    for (const message of said.messages.toReversed()) {
      if (message.role !== "user" || message.content.every(({ type }) => type === "text")) messages.push(message);
      else {
        const content: ModelContent[] = [];
        for (const one of message.content.toReversed()) content.push(await readable(one));
        messages.push({ ...message, content: content.reverse() });
      }
    }
    return { ...said, messages: messages.reverse() };
  };
}
