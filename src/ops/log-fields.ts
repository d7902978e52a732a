const maxText = 2_000;
const maxItems = 50;
const maxDepth = 6;

type Mask = (text: string) => string;

/**
 * Fields as JSON can carry them, of bounded size: no cycles, no bytes, errors with their causes. Only texts that are cut off are
 * masked here, because nobody recognises half a secret afterwards.
 */
export function plainFields(fields: Readonly<Record<string, unknown>>, mask: Mask): { [key: string]: unknown } {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, plain(value, mask, 0, new Set())]])),
  );
}

function plain(value: unknown, mask: Mask, depth: number, above: Set<object>): unknown {
  if (typeof value === "string") return value.length > maxText ? `${mask(value).slice(0, maxText)}… (${value.length} characters)` : value;
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object") return typeof value;
  if (above.has(value)) return "(again)";
  if (depth >= maxDepth) return "(deeper)";
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `(${value.byteLength} bytes)`;
  above.add(value);
  try {
    if (value instanceof Error) return plainError(value, mask, depth, above);
    if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => plain(item, mask, depth + 1, above));
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "(no date)" : value.toISOString();
    const entries = value instanceof Map ? [...value].map(([key, item]) => [String(key), item] as const) : Object.entries(value);
    return Object.fromEntries(entries.slice(0, maxItems).map(([key, item]) => [key, plain(item, mask, depth + 1, above)]));
  } finally {
    above.delete(value);
  }
}

function plainError(error: Error & { code?: unknown }, mask: Mask, depth: number, above: Set<object>): unknown {
  const { name, message, stack, code, cause } = error;
  return {
    name,
    message: plain(message, mask, depth + 1, above),
    ...(typeof code === "string" ? { code } : {}),
    ...(stack ? { stack: plain(stack, mask, depth + 1, above) } : {}),
    ...(cause === undefined ? {} : { cause: plain(cause, mask, depth + 1, above) }),
  };
}
