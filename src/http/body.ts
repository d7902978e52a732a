import type { IncomingMessage } from "node:http";
import type { Result } from "../core/errors.ts";
import { fail, ok } from "../core/errors.ts";
import { say } from "../core/say.ts";

export interface BodyLimit {
  readonly maxBytes: number;
  /** Milliseconds from now until the whole body must be there. */
  readonly timeoutMs: number;
}

/** Bytes of request bodies that are held at the same time, by all requests together. */
const maxHeld = 128 * 1_048_576;
let held = 0;

/**
 * The raw bytes of a request's body, whether announced by Content-Length or chunked. What is too large is refused
 * before or while it arrives; the caller then closes the connection (`Connection: close`), nothing more is read.
 */
export function readBody(incoming: IncomingMessage, limit: BodyLimit): Promise<Result<Uint8Array>> {
  const announced = Number(incoming.headers["content-length"] ?? 0);
  if (announced > limit.maxBytes) return Promise.resolve(fail("body-too-large", say`the body may have ${limit.maxBytes} bytes`));
  if (incoming.destroyed && !incoming.readableEnded) return Promise.resolve(fail("body-malformed", "the connection ended before the body"));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (result: Result<Uint8Array>) => {
      clearTimeout(timer);
      incoming.off("data", take).off("end", done).off("error", broken).off("close", broken);
      incoming.on("error", () => {}); // a connection that is cut later must not throw
      held -= size;
      chunks.length = 0;
      if (!result.ok) incoming.pause();
      resolve(result);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      held += chunk.length;
      if (size > limit.maxBytes) end(fail("body-too-large", say`the body may have ${limit.maxBytes} bytes`));
      else if (held > maxHeld) end(fail("busy", "too many bodies arrive at the same time"));
      else chunks.push(chunk);
    };
    const done = () => end(ok(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)));
    const broken = () => end(fail("body-malformed", "the connection ended in the middle of the body"));
    const timer = setTimeout(() => end(fail("body-slow", say`the body must arrive within ${limit.timeoutMs / 1000} s`)), limit.timeoutMs);
    incoming.on("data", take).on("end", done).on("error", broken).on("close", broken);
  });
}
