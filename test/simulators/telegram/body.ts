import type { IncomingMessage } from "node:http";

/** A file that came in a multipart body. */
export interface SentFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface Parameters {
  /** JSON values from a JSON body; strings and files from the other kinds. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly form: boolean;
}

/** The largest request that the Bot API takes: a 50 MB file with its fields. */
const maxBytes = 52_000_000;

export async function readBytes(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
  }
  return size <= maxBytes ? Buffer.concat(chunks) : undefined;
}

/**
 * Parameters in the query, or in a body of type application/json, application/x-www-form-urlencoded or
 * multipart/form-data; undefined when the body isn't what its type says.
 * https://core.telegram.org/bots/api#making-requests
 */
export async function readParameters(url: URL, type: string, body: Buffer): Promise<Parameters | undefined> {
  const values: Record<string, unknown> = Object.fromEntries(url.searchParams);
  if (body.length === 0) return { values, form: true };
  if (type.startsWith("application/json")) {
    try {
      const parsed: unknown = JSON.parse(body.toString("utf8"));
      if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
      return { values: { ...values, ...parsed }, form: false };
    } catch {
      return undefined;
    }
  }
  if (!type.startsWith("multipart/form-data") && !type.startsWith("application/x-www-form-urlencoded")) return { values, form: true };
  try {
    const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
    for (const [name, value] of form) {
      values[name] =
        typeof value === "string"
          ? value
          : ({ name: value.name, mediaType: value.type, bytes: new Uint8Array(await value.arrayBuffer()) } satisfies SentFile);
    }
    return { values, form: true };
  } catch {
    return undefined;
  }
}

export function isFile(value: unknown): value is SentFile {
  return typeof value === "object" && value !== null && (value as Partial<SentFile>).bytes instanceof Uint8Array;
}
