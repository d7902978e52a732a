import { createParser } from "eventsource-parser";
import { api, type Schemas, take } from "../../api/client.ts";
import type { PlayEvent } from "./play.ts";

/** Hears an answer to its end. Throws what the gateway refuses. */
export async function play(body: Schemas["Play"], signal: AbortSignal, hear: (event: PlayEvent) => void): Promise<void> {
  const stream = await take(api.POST("/api/playground", { body, signal, parseAs: "stream" }));
  const parser = createParser({ onEvent: ({ data }) => hear(JSON.parse(data) as PlayEvent) });
  const reader = (stream as unknown as ReadableStream<BufferSource>).pipeThrough(new TextDecoderStream()).getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) parser.feed(chunk.value);
}
