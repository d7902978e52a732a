import { fileTypeFromBuffer } from "file-type";
import { FaultError, fault } from "./errors.ts";

export interface Measured {
  readonly size: number;
  /** Told from the bytes: what whoever sent it says is not believed. */
  readonly mediaType: string;
}

/** Bytes of the beginning that the type is told from: what file-type recommends. */
const headBytes = 4100;

/** Passes the bytes on, chunk by chunk. Rejects with FaultError `file-refused` past `maxBytes`, and with what `pass` or the source say. */
export async function measured(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  pass: (chunk: Uint8Array) => Promise<void>,
): Promise<Measured> {
  let size = 0;
  let head: Uint8Array = new Uint8Array(0);
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new FaultError(fault("file-refused", `The file is larger than ${maxBytes} bytes.`));
    if (head.byteLength < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes - head.byteLength)]);
    await pass(chunk);
  }
  return { size, mediaType: await mediaTypeOf(head, size > head.byteLength) };
}

async function mediaTypeOf(head: Uint8Array, cut: boolean): Promise<string> {
  const found = await fileTypeFromBuffer(head);
  if (found) return found.mime;
  return isText(head, cut) ? "text/plain" : "application/octet-stream";
}

/** UTF-8 without control characters but those of text; the last character may be cut. */
function isText(head: Uint8Array, cut: boolean): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: cut });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
    return !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text);
  } catch {
    return false;
  }
}
