import { z } from "zod";

/** How a secret is written in the configuration: the text itself or `${ENV}`, a file, or a name in the vault. */
export type SecretRef = string | { readonly file: string } | { readonly vault: string };

const marked = new WeakSet<object>();

/**
 * The schema of a secret setting. It accepts a reference; its type is `string` because everything that is handed the
 * setting gets the text that the reference stands for. Everything that shows settings masks it.
 */
export function secret(description: string): z.ZodType<string> {
  const schema = z
    .union([z.string().min(1), z.strictObject({ file: z.string().min(1) }), z.strictObject({ vault: z.string().min(1) })])
    .meta({ description, format: "secret" });
  marked.add(schema);
  return schema as unknown as z.ZodType<string>;
}

/** Whether a schema, or what it wraps as optional or default, was made by `secret()`. */
export function isSecret(schema: unknown): boolean {
  for (let inner = schema; typeof inner === "object" && inner !== null; ) {
    if (marked.has(inner)) return true;
    inner = (inner as { def?: { innerType?: unknown } }).def?.innerType;
  }
  return false;
}
