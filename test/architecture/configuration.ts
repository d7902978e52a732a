import { z } from "zod";
import type { Violations } from "./rules.ts";

type Schema = { readonly [key: string]: unknown };

/** Settings that somebody can write, counted once where they stand under a name of the operator's choice. */
export function leavesOf(schema: z.ZodType): number {
  return count(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema);
}

function count(schema: Schema): number {
  const inner = [schema, ...forms(schema)];
  const sections = inner.flatMap((form) => [
    ...Object.values((form.properties ?? {}) as Record<string, Schema>),
    ...(isSchema(form.additionalProperties) ? entriesOf(form.additionalProperties) : []),
    ...(isSchema(form.items) && hasParts(form.items) ? [form.items] : []),
  ]);
  return sections.length === 0 ? 1 : sections.reduce((sum, section) => sum + count(section), 0);
}

/** What a record holds: its entry, whose own keys count. */
function entriesOf(entry: Schema): readonly Schema[] {
  return hasParts(entry) ? [entry] : [{ type: "leaf" }];
}

function hasParts(schema: Schema): boolean {
  return [schema, ...forms(schema)].some((form) => form.properties !== undefined || isSchema(form.additionalProperties));
}

function forms(schema: Schema): readonly Schema[] {
  return (schema.anyOf ?? schema.oneOf ?? []) as readonly Schema[];
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null;
}

export function ceilingViolations(name: string, schema: z.ZodType, most: number): Violations {
  const leaves = leavesOf(schema);
  return leaves > most ? [`${name} has ${leaves} settings, more than ${most}`] : [];
}

/** A channel's settings are few, and each says what it is for. */
export function channelSettingViolations(kind: string, schema: z.ZodType, most: number): Violations {
  const keys = Object.entries(propertiesOf(schema));
  const silent = keys.filter(([, value]) => typeof value.description !== "string" || value.description === "").map(([key]) => key);
  return [
    ...(keys.length > most ? [`the channel ${kind} has ${keys.length} settings, more than ${most}`] : []),
    ...silent.map((key) => `the channel ${kind} doesn't say what its setting ${key} is for`),
  ];
}

export function settingKeys(schema: z.ZodType): readonly string[] {
  return Object.keys(propertiesOf(schema));
}

function propertiesOf(schema: z.ZodType): Readonly<Record<string, Schema>> {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
  return (json.properties ?? {}) as Record<string, Schema>;
}
