import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";

/** A call's bytes; undefined when its caller was gone before the last of them: then it asked for nothing. */
export async function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return buffer(request).catch(() => undefined);
}
