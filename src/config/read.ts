import { open } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { say, type Text } from "../core/say.ts";

const maxFileBytes = 4 * 2 ** 20;
const maxSecretBytes = 64 * 2 ** 10;

export type TextRead =
  | { readonly ok: true; readonly path: string; readonly text: string }
  /** `why` goes on after the path. */
  | { readonly ok: false; readonly path: string; readonly why: Text; readonly absent: boolean };

/** A text file as it is; its content stands in no message. */
export async function readText(path: string, maxBytes = maxFileBytes): Promise<TextRead> {
  try {
    await using handle = await open(path, "r");
    const about = await handle.stat();
    if (!about.isFile()) return no(say`is not a file`);
    const buffer = Buffer.alloc(Math.min(about.size, maxBytes) + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead > maxBytes) return no(say`has more than ${maxBytes} bytes`);
    if (bytesRead === buffer.length) return no(say`grew while it was read`);
    return { ok: true, path, text: new TextDecoder("utf-8", { fatal: true }).decode(buffer.subarray(0, bytesRead)) };
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return no(say`does not exist`, true);
    return no(code === "ERR_ENCODING_INVALID_ENCODED_DATA" ? say`is not UTF-8` : say`can't be read (${code ?? say`unknown error`})`);
  }

  function no(why: Text, absent = false): TextRead {
    return { ok: false, path, why, absent };
  }
}

/** A secret from a file, without the line's end that editors and `echo` leave. Relative paths start in the data folder. */
export async function readSecretFile(home: string, file: string): Promise<TextRead> {
  const path = isAbsolute(file) ? file : join(home, file);
  const read = await readText(path, maxSecretBytes);
  if (!read.ok) return read;
  const text = read.text.replace(/\r?\n$/, "");
  return text === "" ? { ok: false, path, why: say`is empty`, absent: false } : { ok: true, path, text };
}
