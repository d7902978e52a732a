/** What the form knows of one setting of a channel, read from the channel's JSON Schema. */
export interface SettingField {
  readonly key: string;
  readonly label: string;
  readonly description: string | undefined;
  readonly required: boolean;
  readonly kind: "secret" | "text" | "address" | "choice" | "switch" | "number" | "list" | "json";
  readonly choices: readonly string[];
  readonly preset: unknown;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
}

type Schema = { readonly [key: string]: unknown };

/** What is typed for each setting; nothing where it was left alone. */
export type SettingValues = { readonly [key: string]: string | boolean | undefined };

/** The settings in the order of the schema, those that must be given first. */
export function readFields(schema: Schema): readonly SettingField[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const fields = Object.entries(asSchema(schema.properties)).map(([key, value]): SettingField => {
    const own = asSchema(value);
    const inner = withoutNull(own);
    const preset = own.default;
    return {
      key,
      label: typeof own.title === "string" ? own.title : labelOf(key),
      description: textOf(own.description) ?? textOf(inner.description),
      required: required.includes(key) && preset === undefined,
      kind: kindOf(own, inner),
      choices: Array.isArray(inner.enum) ? inner.enum.map(String) : [],
      preset,
      minimum: numberOf(inner.minimum),
      maximum: numberOf(inner.maximum),
    };
  });
  return fields.toSorted((one, other) => Number(other.required) - Number(one.required));
}

function kindOf(own: Schema, inner: Schema): SettingField["kind"] {
  if (own.format === "secret" || inner.format === "secret") return "secret";
  if (Array.isArray(inner.enum)) return "choice";
  switch (inner.type) {
    case "boolean":
      return "switch";
    case "integer":
    case "number":
      return "number";
    case "string":
      return inner.format === "uri" ? "address" : "text";
    case "array":
      return ["string", "integer", "number"].includes(String(asSchema(inner.items).type)) ? "list" : "json";
    default:
      return "json";
  }
}

/** What is sent for the form: only what was given, in the types that the schema asks for. */
export function collect(
  fields: readonly SettingField[],
  values: SettingValues,
): { settings: Schema; problems: { readonly [key: string]: Problem } } {
  const settings: { [key: string]: unknown } = {};
  const problems: { [key: string]: Problem } = {};
  for (const field of fields) {
    const value = values[field.key];
    const given = typeof value === "string" ? value.trim() : value;
    if (given === undefined || given === "") {
      if (field.required) problems[field.key] = "missing";
      continue;
    }
    const read = typeof given === "boolean" ? { value: given } : readText(field, given);
    if ("problem" in read) problems[field.key] = read.problem;
    else settings[field.key] = read.value;
  }
  return { settings, problems };
}

export type Problem = "missing" | "number" | "range" | "address" | "json";

function readText(field: SettingField, text: string): { value: unknown } | { problem: Problem } {
  switch (field.kind) {
    case "number": {
      const value = Number(text);
      if (!Number.isFinite(value)) return { problem: "number" };
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = field;
      return value < minimum || value > maximum ? { problem: "range" } : { value };
    }
    case "address":
      return URL.canParse(text) ? { value: text } : { problem: "address" };
    case "list":
      return { value: readList(text) };
    case "json":
      try {
        return { value: JSON.parse(text) as unknown };
      } catch {
        return { problem: "json" };
      }
    default:
      return { value: text };
  }
}

/** Ids and names as people list them: by lines, commas or blanks, each once. */
export function readList(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
}

/** The form's values for settings that are stored already; secrets come back masked and stay empty. */
export function valuesOf(fields: readonly SettingField[], stored: Schema): SettingValues {
  return Object.fromEntries(
    fields.flatMap((field): [string, string | boolean][] => {
      const value = stored[field.key];
      if (value === undefined || value === null || field.kind === "secret") return [];
      if (typeof value === "boolean") return [[field.key, value]];
      if (field.kind === "list" && Array.isArray(value)) return [[field.key, value.join("\n")]];
      return [[field.key, typeof value === "string" ? value : JSON.stringify(value)]];
    }),
  );
}

const acronyms = new Set(["api", "url", "id", "http", "https", "tls", "ip", "sms", "oauth"]);

/** `apiRoot` → "API root". */
export function labelOf(key: string): string {
  const said = key
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[\s_-]+/)
    .map((word) => (acronyms.has(word.toLowerCase()) ? word.toUpperCase() : word.toLowerCase()))
    .join(" ");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

function withoutNull(schema: Schema): Schema {
  const options = Array.isArray(schema.anyOf) ? schema.anyOf.map(asSchema).filter((option) => option.type !== "null") : [];
  return options.length === 1 ? (options[0] as Schema) : schema;
}

function asSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null ? (value as Schema) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
