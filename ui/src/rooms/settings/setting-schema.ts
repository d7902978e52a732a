/** The parts of JSON Schema (draft 2020-12) that the configuration's description uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly items?: JsonSchema;
  readonly properties?: { readonly [key: string]: JsonSchema };
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
}

/** How a value is asked for. */
export type Control =
  | { readonly kind: "switch" }
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "number"; readonly whole: boolean; readonly least?: number; readonly most?: number }
  /** `long`: of several lines. */
  | { readonly kind: "text"; readonly long: boolean }
  /** One a line. */
  | { readonly kind: "list" }
  | { readonly kind: "json" };

/** The schema at a dotted path; nothing where none is known. */
export function schemaAt(schema: JsonSchema, path: string): JsonSchema | undefined {
  let at: JsonSchema | undefined = schema;
  for (const key of path.split(".")) {
    const options: readonly JsonSchema[] = at?.anyOf ?? (at ? [at] : []);
    at = options.map((option) => option.properties?.[key] ?? rest(option)).find((found) => found !== undefined);
  }
  return at;
}

/** Paths under `section` that can be set by themselves, in the order of the description. */
export function pathsIn(schema: JsonSchema, section: string): readonly string[] {
  const at = schemaAt(schema, section);
  const properties = at?.properties ?? at?.anyOf?.find((option) => option.properties)?.properties;
  return Object.entries(properties ?? {}).flatMap(([key, value]) => {
    const path = `${section}.${key}`;
    return value.properties ? pathsIn(schema, path) : [path];
  });
}

export function controlOf(schema: JsonSchema | undefined): Control {
  if (schema?.enum?.every((option) => typeof option === "string")) return { kind: "choice", options: schema.enum as readonly string[] };
  switch (schema?.type) {
    case "boolean":
      return { kind: "switch" };
    case "integer":
    case "number":
      return {
        kind: "number",
        whole: schema.type === "integer",
        ...(schema.minimum !== undefined && { least: schema.minimum }),
        // What a number can hold at all is no limit to tell of.
        ...(schema.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER && { most: schema.maximum }),
      };
    case "string":
      return { kind: "text", long: (schema.maxLength ?? 0) > 10_000 };
    case "array":
      return schema.items?.type === "string" ? { kind: "list" } : { kind: "json" };
    default:
      return { kind: "json" };
  }
}

/** What was typed, as the value; a fault in words when it is none. */
export function readControl(control: Control, typed: string): { readonly value: unknown } | { readonly wrong: "number" | "json" } {
  if (control.kind === "switch") return { value: typed === "true" };
  if (control.kind === "choice" || control.kind === "text") return { value: typed };
  if (control.kind === "list")
    return {
      value: typed
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean),
    };
  if (control.kind === "number") {
    const value = Number(typed);
    return typed.trim() === "" || !Number.isFinite(value) ? { wrong: "number" } : { value };
  }
  try {
    return { value: JSON.parse(typed) as unknown };
  } catch {
    return { wrong: "json" };
  }
}

export function showControl(control: Control, value: unknown): string {
  if (value === undefined) return control.kind === "switch" ? "false" : control.kind === "choice" ? (control.options[0] ?? "") : "";
  if (control.kind === "list" && Array.isArray(value)) return value.join("\n");
  return control.kind === "json" || typeof value !== "string" ? JSON.stringify(value, undefined, control.kind === "json" ? 2 : 0) : value;
}

function rest(schema: JsonSchema): JsonSchema | undefined {
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}
