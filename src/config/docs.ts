import type { z } from "zod";
import type { Json } from "../core/terms.ts";
import { schemaOf } from "./json-schema.ts";
import { configurationSchema } from "./schema.ts";

/** The table of keys in docs/configuration.md, as Markdown, from the schema. */
export function configurationDocs(): string {
  return settingsTable(configurationSchema);
}

/** The same for one channel's or provider's own settings. */
export function settingsTable(schema: z.ZodType): string {
  const rows = [...rowsOf(schemaOf(schema), "", false)];
  return ["| Key | Value | Default | |", "|---|---|---|---|", ...rows, ""].join("\n");
}

type Part = { readonly [key: string]: Json };

function* rowsOf(json: Part, path: string, required: boolean): Generator<string> {
  const entry = namedEntry(json);
  const isSection = json.properties !== undefined || entry !== undefined;
  if (path !== "") {
    const fallback = json.default === undefined || isSection ? (required ? "required" : "") : code(JSON.stringify(json.default));
    yield `| ${code(path)} | ${isSection ? "" : kindOf(json)} | ${fallback} | ${cell(String(json.description ?? ""))} |`;
  }
  const inside = json.type === "array" ? (json.items as Part) : json;
  const here = json.type === "array" ? `${path}[]` : path;
  for (const [key, value] of Object.entries((inside.properties ?? {}) as { [key: string]: Part })) {
    yield* rowsOf(value, here === "" ? key : `${here}.${key}`, Array.isArray(inside.required) && inside.required.includes(key));
  }
  if (entry) yield* rowsOf({ ...entry, description: "" }, `${here}.<name>`, false);
}

/** What an entry of a section by name looks like; entries may also be `false`. */
function namedEntry(json: Part): Part | undefined {
  const extra = json.additionalProperties;
  if (typeof extra !== "object" || extra === null || Array.isArray(extra)) return undefined;
  if (extra.format === "secret") return extra;
  return Array.isArray(extra.anyOf) ? (extra.anyOf as Part[]).find((form) => form.properties !== undefined) : extra;
}

function kindOf(json: Part): string {
  if (json.format === "secret") return "secret";
  if (Array.isArray(json.enum)) return json.enum.map((one) => code(JSON.stringify(one))).join(" ");
  if (json.const !== undefined) return code(JSON.stringify(json.const));
  if (Array.isArray(json.anyOf)) return [...new Set((json.anyOf as Part[]).map(kindOf))].join(" or ");
  if (json.type === "array") {
    const items = json.items as Part;
    return items.properties ? "list" : `list of ${kindOf(items)}`;
  }
  if (json.type === "integer" || json.type === "number") {
    const { minimum, maximum } = json;
    const open = typeof maximum !== "number" || maximum >= Number.MAX_SAFE_INTEGER;
    return typeof minimum === "number" && minimum > Number.MIN_SAFE_INTEGER
      ? `number, ${minimum} ${open ? "or more" : `to ${maximum}`}`
      : "number";
  }
  return typeof json.type === "string" ? json.type : "any";
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
