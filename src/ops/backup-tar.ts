import { mkdir } from "node:fs/promises";
import { Readable } from "node:stream";
import { fail, ok, type Result } from "../core/errors.ts";
import type { Manifest } from "./backup.ts";

/** All of a backup as one tar file, as it is read. */
export async function pack(folder: string, manifest: Manifest): Promise<ReadableStream<Uint8Array>> {
  const { create } = await import("tar");
  const names = ["manifest.json", ...manifest.files.map((file) => file.path)];
  return Readable.toWeb(Readable.from(create({ cwd: folder, portable: true, strict: true }, names))) as ReadableStream<Uint8Array>;
}

/** Its plain files, into a new folder; links and devices are left out. What is in them is checked against the manifest, not here. */
export async function unpack(file: string, folder: string): Promise<Result<undefined>> {
  const { extract } = await import("tar");
  await mkdir(folder, { mode: 0o700 });
  try {
    const plain = (_: string, entry: unknown) => ["File", "Directory"].includes((entry as { readonly type: string }).type);
    await extract({ file, cwd: folder, strict: true, preserveOwner: false, filter: plain });
    return ok(undefined);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return fail("request-invalid", `${file} can't be read as a tar file (${code ?? "unknown error"}).`, thrown);
  }
}
