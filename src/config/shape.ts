import type { z } from "zod";
import { isSecret } from "../core/secret.ts";
import type { Json } from "../core/terms.ts";
import { isTree, type Path } from "./tree.ts";

/** What a zod schema says about its parts, read from its public `def` (https://zod.dev/packages/core). */
type Def = {
  readonly type: string;
  readonly shape?: Record<string, z.ZodType>;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly left?: z.ZodType;
  readonly right?: z.ZodType;
  readonly getter?: () => z.ZodType;
};

/** The schemas behind optional, default, union and the like. A secret is not looked into. */
export function bare(schema: z.ZodType, depth = 0): readonly z.ZodType[] {
  const def = schema.def as Def;
  if (isSecret(schema) || depth > 16) return [schema];
  const inside = def.innerType
    ? [def.innerType]
    : def.in
      ? [def.in]
      : def.getter
        ? [def.getter()]
        : (def.options ?? (def.left && def.right ? [def.left, def.right] : undefined));
  return inside ? inside.flatMap((inner) => bare(inner, depth + 1)) : [schema];
}

/** The keys that an object schema knows. */
export function keysOf(schema: z.ZodType): readonly string[] {
  return [...new Set(bare(schema).flatMap((inner) => Object.keys((inner.def as Def).shape ?? {})))];
}

/** Whether it takes any key, as a record does. */
export function isOpen(schema: z.ZodType): boolean {
  return bare(schema).some((inner) => (inner.def as Def).type !== "object");
}

/** The schemas of what stands under a path; more than one where there is a union, none where nothing is known. */
export function schemasAt(schema: z.ZodType, path: Path): readonly z.ZodType[] {
  const [key, ...rest] = path;
  if (key === undefined) return [schema];
  return bare(schema).flatMap((inner) => {
    const def = inner.def as Def;
    const next = def.shape ? (Object.hasOwn(def.shape, key) ? def.shape[key] : undefined) : (def.element ?? def.valueType);
    return next ? schemasAt(next, rest) : [];
  });
}

/** Every place in the value where the schema has a secret. */
export function* secretsIn(schema: z.ZodType, value: unknown, path: Path = []): Generator<Path> {
  if (value === undefined || value === null) return;
  if (isSecret(schema)) {
    yield path;
    return;
  }
  const seen = new Set<string>();
  const inners = bare(schema);
  if (inners.some(isSecret)) yield path;
  for (const inner of inners) {
    if (!isSecret(inner) && typeof value === "object") {
      for (const [key, item] of Object.entries(value)) {
        for (const field of schemasAt(inner, [key])) {
          for (const found of secretsIn(field, item, [...path, key])) {
            if (!seen.has(found.join("\0"))) yield found;
            seen.add(found.join("\0"));
          }
        }
      }
    }
  }
}

/** `${ENV}`, `{file}` and `{vault}` name a secret; anything else is the secret itself. */
export function isReference(value: Json): boolean {
  if (typeof value === "string") return /(^|[^$])\$\{[A-Za-z_]\w*\}/.test(value);
  return isTree(value) && (typeof value.file === "string" || typeof value.vault === "string");
}
