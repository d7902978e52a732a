import type { z } from "zod";
import type { ErrorCode } from "../core/errors.ts";
import { say, type Text } from "../core/say.ts";
import type { SecretRef } from "../core/secret.ts";
import type { Json } from "../core/terms.ts";
import { expand, type Variables } from "./expand.ts";
import { didYouMean } from "./nearest.ts";
import type { Notes } from "./notes.ts";
import { resolveSecret } from "./secrets.ts";
import { issueText } from "./settle.ts";
import { isOpen, keysOf, secretsIn } from "./shape.ts";
import type { Sources } from "./sources.ts";
import { getAt, type Path, setAt, showPath, type Tree } from "./tree.ts";

/** What the checks of one load share. */
export interface Check {
  readonly sources: Sources;
  readonly variables: Variables;
  readonly notes: Notes;
  /** Files that secrets came from: a change of one is a change of the configuration. */
  readonly files: Set<string>;
}

/** An entry with the environment put in; nothing when a variable is missing: the whole entry is then left out. */
export async function expandEntry(entry: Tree, at: Path, settings: z.ZodType | undefined, check: Check): Promise<Tree | undefined> {
  const secret = new Set(settings ? [...secretsIn(settings, entry)].map(showPath) : []);
  const learn = (text: string, path: Path) => {
    if (secret.has(showPath(path))) check.sources.learn?.(text);
  };
  const { value, missing } = await expand(entry, check.variables, learn);
  for (const { path, why } of missing) {
    const subject = [...at, ...path];
    check.notes.add(
      "secret-missing",
      "error",
      subject,
      leftOut(say`\`${showPath(subject)}\`: ${why}`, at),
      say`Set the variable, or write \`$\${\` where the text is meant as it stands.`,
    );
  }
  return missing.length === 0 ? (value as Tree) : undefined;
}

/**
 * A channel's or provider's own settings: checked by its schema, then its secrets resolved. An unknown key is left out;
 * anything invalid leaves the whole entry out, since only the channel knows which of its defaults would be safe.
 */
export async function checkSettings(
  schema: z.ZodType,
  raw: Tree,
  at: Path,
  code: "account-invalid" | "provider-invalid" | "mcp-invalid" | "knowledge-invalid",
  own: readonly string[],
  check: Check,
): Promise<unknown> {
  const value: Tree = structuredClone(raw);
  const known = keysOf(schema);
  if (!isOpen(schema)) for (const key of Object.keys(value)) if (!known.includes(key)) dropUnknown(key);
  let result = schema.safeParse(value);
  for (let round = 0; !result.success && round < 8; round++) {
    const strange = result.error.issues.filter((issue) => issue.code === "unrecognized_keys");
    if (strange.length === 0) break;
    for (const issue of strange) {
      const parent = getAt(value, issue.path.map(String)) as Tree | undefined;
      for (const key of issue.keys) {
        check.notes.add(
          "config-unknown-key",
          "warning",
          [...at, ...issue.path.map(String), key],
          say`There is no setting \`${showPath([...at, ...issue.path.map(String), key])}\`; it is left out.`,
        );
        if (parent) delete parent[key];
      }
    }
    result = schema.safeParse(value);
  }
  if (!result.success) {
    for (const issue of result.error.issues) {
      const subject = [...at, ...issue.path.map(String)];
      check.notes.add(
        code,
        "error",
        subject,
        leftOut(say`\`${showPath(subject)}\` ${issueText(issue)}`, at),
        say`Correct it; \`polylogue config explain\` shows where the setting comes from.`,
      );
    }
    return undefined;
  }
  return (await resolveAll(schema, result.data, at, check)) ? result.data : undefined;

  function dropUnknown(key: string) {
    delete value[key];
    check.notes.add(
      "config-unknown-key",
      "warning",
      [...at, key],
      say`There is no setting \`${showPath([...at, key])}\`; it is left out.${didYouMean(key, [...own, ...known])}`,
    );
  }
}

/** Puts the text of every secret in its place. False when one is missing. */
async function resolveAll(schema: z.ZodType, settings: unknown, at: Path, check: Check): Promise<boolean> {
  let complete = true;
  for (const path of [...secretsIn(schema, settings)]) {
    const resolved = await resolveSecret(getAt(settings as Json, path) as SecretRef, check.sources);
    if (resolved.file) check.files.add(resolved.file);
    if (resolved.ok) setAt(settings as Tree, path, resolved.text);
    else {
      complete = false;
      const subject = [...at, ...path];
      check.notes.add(resolved.code satisfies ErrorCode, "error", subject, leftOut(say`\`${showPath(subject)}\`: ${resolved.why}`, at));
    }
  }
  return complete;
}

/** With what becomes of the entry. Settings of a form, which aren't saved yet, stand at no path and are none. */
function leftOut(what: Text, at: Path): Text {
  return at.length === 0 ? say`${what}.` : say`${what}; ${showPath(at)} is left out.`;
}
