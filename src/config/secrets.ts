import { type Said, say } from "../core/say.ts";
import type { SecretRef } from "../core/secret.ts";
import { readSecretFile } from "./read.ts";
import type { Sources } from "./sources.ts";

export type Resolved =
  | { readonly ok: true; readonly text: string; readonly file?: string }
  | { readonly ok: false; readonly code: "secret-missing" | "vault-locked"; readonly why: Said; readonly file?: string };

/** The text that a reference stands for; `${ENV}` has been put in before. What goes wrong is said without the text. */
export async function resolveSecret(ref: SecretRef, sources: Sources): Promise<Resolved> {
  if (typeof ref === "string") {
    if (ref === "") return { ok: false, code: "secret-missing", why: say`it is empty` };
    sources.learn?.(ref);
    return { ok: true, text: ref };
  }
  if ("file" in ref) {
    const read = await readSecretFile(sources.home, ref.file);
    if (!read.ok) return { ok: false, code: "secret-missing", why: say`${read.path} ${read.why}`, file: read.path };
    sources.learn?.(read.text);
    return { ok: true, text: read.text, file: read.path };
  }
  const opened = await sources.vault?.(ref.vault);
  if (!opened) return { ok: false, code: "vault-locked", why: say`no vault is open` };
  if (!opened.ok) {
    const { code, message } = opened.fault;
    if (code === "secret-missing") return { ok: false, code, why: say`The vault has no secret \`${ref.vault}\`` };
    return { ok: false, code: code === "vault-locked" ? code : "secret-missing", why: { code, message: message.replace(/\.$/, "") } };
  }
  sources.learn?.(opened.value);
  return { ok: true, text: opened.value };
}
