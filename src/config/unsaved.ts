import { fail, ok, type Result } from "../core/errors.ts";
import { say, Text } from "../core/say.ts";
import { type Check, checkSettings, expandEntry } from "./entries.ts";
import { createVariables } from "./expand.ts";
import { createNotes } from "./notes.ts";
import { accountSchema, providerSchema } from "./schema.ts";
import { isReference, keysOf } from "./shape.ts";
import type { ChannelKind, ProviderKind, Sources } from "./sources.ts";
import { cleaned, isTree, leaves, type Tree } from "./tree.ts";

/**
 * Settings that aren't saved yet, as a form has them: checked by the kind's schema, references to secrets resolved. Keys
 * of the entry itself (`channel`, `access` …) are passed over. Everything that is wrong is in the fault's message.
 */
export async function resolveSettings(
  kind: ChannelKind | ProviderKind,
  settings: unknown,
  sources: Omit<Sources, "settings">,
): Promise<Result<unknown>> {
  const notes = createNotes();
  const tree = cleaned(settings, (path, why) => notes.add("config-invalid", "error", path, say`\`${path.join(".")}\` ${why}`));
  if (!isTree(tree)) return fail("account-invalid", "The settings must be an object.");
  const own = [...keysOf(accountSchema), ...keysOf(providerSchema)];
  const rest: Tree = Object.fromEntries(Object.entries(tree).filter(([key]) => !own.includes(key)));
  const check: Check = {
    sources: { ...sources, settings: new Map() },
    notes,
    variables: createVariables(sources.environment, sources.home),
    files: new Set(),
  };
  const expanded = await expandEntry(rest, [], kind.settings, check);
  const checked = expanded && (await checkSettings(kind.settings, expanded, [], "account-invalid", own, check));
  const wrong = notes.findings;
  if (checked === undefined || wrong.length > 0) {
    const first = wrong.find((finding) => finding.code === "vault-locked" || finding.code === "secret-missing");
    const code = first?.code === "vault-locked" || first?.code === "secret-missing" ? first.code : "account-invalid";
    const texts = wrong.map(({ said, message }) => (said.message instanceof Text ? said.message : new Text(message)));
    return fail(
      code,
      texts.reduce((one, other) => say`${one} ${other}`),
    );
  }
  return ok(checked);
}

/**
 * Whether a value quotes the environment or a file. Who may write such settings can read everything that the gateway's
 * process can: only for people who have the machine anyway.
 */
export function quotesMachine(value: unknown): boolean {
  const tree = cleaned(value, () => {});
  if (tree === undefined) return false;
  return [...leaves(tree)].some(
    ({ path, value: leaf }) =>
      path.at(-1) === "file" || (Array.isArray(leaf) ? leaf.some(quotesMachine) : typeof leaf === "string" && isReference(leaf)),
  );
}
