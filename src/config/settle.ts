import type { z } from "zod";
import { say, Text } from "../core/say.ts";
import type { Json } from "../core/terms.ts";
import { didYouMean } from "./nearest.ts";
import type { Notes } from "./notes.ts";
import { keysOf, schemasAt } from "./shape.ts";
import { getAt, type Path, removeAt, showPath } from "./tree.ts";

export interface Settled<Value> {
  readonly value: Value;
  /** What was taken out, relative to the value. */
  readonly removed: readonly Path[];
}

/**
 * Checks a value and takes out what is wrong, key by key, until the rest passes: an unknown key goes, an invalid one
 * falls back to its default, an invalid element leaves its list. Nothing when even that leaves something invalid. For
 * schemas whose defaults are safe; each thing taken out is a finding.
 */
export function settle<Value>(schema: z.ZodType<Value>, raw: Json, at: Path, notes: Notes): Settled<Value> | undefined {
  const value = structuredClone(raw);
  const removed: Path[] = [];
  const told = new Map<Path, Text>();
  for (let round = 0; round < 32; round++) {
    const result = schema.safeParse(value);
    if (result.success) {
      for (const [path, message] of [...told].toReversed()) tellDefault(path, message, result.data);
      return { value: result.data, removed };
    }
    let progress = false;
    for (const issue of result.error.issues.toReversed()) {
      for (const path of blamed(issue, value)) {
        if (!removeAt(value, path)) continue;
        progress = true;
        removed.push(path);
        const subject = [...at, ...path];
        if (issue.code === "unrecognized_keys") tellUnknown(subject, path);
        else told.set(path, say`\`${showPath(subject)}\` ${issueText(issue)}`);
      }
    }
    if (!progress) {
      for (const issue of result.error.issues) {
        notes.add(
          "config-invalid",
          "error",
          [...at, ...issue.path.map(String)],
          say`\`${showPath([...at, ...issue.path.map(String)])}\` ${issueText(issue)}.`,
        );
      }
      return undefined;
    }
  }
  return undefined;

  function tellUnknown(subject: Path, path: Path) {
    const key = path.at(-1) as string;
    const known = schemasAt(schema, path.slice(0, -1)).flatMap(keysOf);
    notes.add(
      "config-unknown-key",
      "warning",
      subject,
      say`There is no setting \`${showPath(subject)}\`; it is left out.${didYouMean(key, known)}`,
    );
  }

  function tellDefault(path: Path, message: Text, data: Value) {
    const now = getAt(data as Json, path);
    const listed = Array.isArray(getAt(data as Json, path.slice(0, -1)));
    const instead = listed || now === undefined ? say`it is left out` : say`the default, ${JSON.stringify(now)}, is used`;
    notes.add("config-invalid", "error", [...at, ...path], say`${message}; ${instead}.`);
  }
}

/** The deepest thing that is there and can be blamed for the issue. */
function blamed(issue: z.core.$ZodIssue, value: Json): Path[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...path, key]);
  while (path.length > 0 && getAt(value, path) === undefined) path.pop();
  return path.length > 0 ? [path] : [];
}

/** What a check found, as the end of a sentence. Zod's own messages hold no values. */
export function issueText(issue: z.core.$ZodIssue): Text {
  if (issue.code === "unrecognized_keys") return say`has unknown keys: ${issue.keys.join(", ")}`;
  if (issue.code === "invalid_value") return say`must be one of ${issue.values.map((one) => JSON.stringify(one)).join(", ")}`;
  if (issue.code === "invalid_union") {
    const inner = issue.errors
      .filter((errors) => errors.length > 0)
      .map((errors) => errors.map(issueText).reduce((one, other) => say`${one} and ${other}`));
    const once = new Map(inner.map((text) => [String(text), text]));
    return once.size > 0 ? [...once.values()].reduce((one, other) => say`${one}, or ${other}`) : say`is not one of the allowed forms`;
  }
  if (issue.code === "invalid_type")
    return issue.input === undefined && /received undefined/.test(issue.message) ? say`is missing` : kindText(issue.expected);
  return ruleText(
    issue.message.replace(/^(Invalid (input|string)|Too (big|small)): /, "").replace(/^expected \S+ to (be|have)/, "must $1"),
  );
}

function kindText(expected: string): Text {
  switch (expected) {
    case "string":
      return say`must be a string`;
    case "number":
      return say`must be a number`;
    case "int":
      return say`must be a whole number`;
    case "boolean":
      return say`must be a boolean`;
    case "array":
      return say`must be an array`;
    case "record":
    case "object":
      return say`must be an object`;
    default:
      return say`must be ${`${/^[aeiou]/.test(expected) ? "an" : "a"} ${expected}`}`;
  }
}

/** The bounds that zod words itself; a schema's own rule is a sentence without gaps. */
function ruleText(rule: string): Text {
  const [, sign, bound = "", unit = ""] = /^must (?:be|have) ([<>]=?)(\S+)(?: (characters|items))?$/.exec(rule) ?? [];
  switch (sign && `${sign} ${unit}`) {
    case ">= characters":
      return say`must have >=${bound} characters`;
    case "<= characters":
      return say`must have <=${bound} characters`;
    case ">= items":
      return say`must have >=${bound} items`;
    case "<= items":
      return say`must have <=${bound} items`;
    case ">= ":
      return say`must be >=${bound}`;
    case "<= ":
      return say`must be <=${bound}`;
    case "> ":
      return say`must be >${bound}`;
    case "< ":
      return say`must be <${bound}`;
    default:
      return new Text(rule);
  }
}
