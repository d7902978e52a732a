import type { Account } from "./channel.ts";
import { fail, ok, type Result } from "./errors.ts";
import type { FilePart } from "./message.ts";

/** An attachment of ours as it goes to a platform. */
export interface OutgoingFile {
  /** Without folders, quotes and control characters, with an ending: clients choose an icon and a program by it. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Reads it from the store. `most`: bytes that are sent at most. Faults: `file-refused`. */
export async function outgoingFile(account: Pick<Account, "readFile">, file: FilePart, most: number): Promise<Result<OutgoingFile>> {
  const { source } = file;
  if (source.at !== "store") return fail("file-refused", "the attachment is not in the store");
  const { id, size, mediaType } = source;
  if (size > most) return fail("file-refused", `the attachment has ${size} bytes; ${most} are sent at most`);
  try {
    return ok({ name: nameOf(file, mediaType), mediaType, bytes: await account.readFile(id) });
  } catch (error) {
    return fail("file-refused", `the stored attachment ${id} can't be read`, error);
  }
}

function nameOf({ name, type }: FilePart, mediaType: string): string {
  const given = name
    ?.replace(/^.*[\\/]/, "")
    .replace(/[\p{Cc}"]/gu, "")
    .trim()
    .slice(-120);
  const ending = mediaType.split(/[/;]/)[1]?.replace(/[^a-z0-9]/gi, "") || "bin";
  return given || `${type}.${ending === "octetstream" ? "bin" : ending}`;
}
