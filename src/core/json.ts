import { fail, ok, type Result } from "./errors.ts";
import { say } from "./say.ts";
import type { Json } from "./terms.ts";

/** Levels of arrays and objects inside each other. */
const defaultDepth = 100;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * JSON from outside. The depth is bounded before anything is parsed, so that no walk over the result can overflow the
 * stack; text that isn't UTF-8 is refused; so is the key `__proto__`, which turns into a prototype when it is copied.
 * Faults: `body-malformed`, `body-too-deep`; they quote nothing.
 */
export function parseJson(body: Uint8Array, maxDepth = defaultDepth): Result<Json> {
  if (isDeeper(body, maxDepth)) return fail("body-too-deep", say`the body may be nested ${maxDepth} levels deep`);
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    return fail("body-malformed", "the body isn't UTF-8");
  }
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return fail("body-malformed", "the body isn't JSON");
  }
  // Only a text with these characters, or with an escape for one of them, can hold the key.
  const suspicious = text.includes("__proto__") || /\\u00(5f|6f|70|72|74)/i.test(text);
  return suspicious && hasProto(value) ? fail("body-malformed", "the body has a key that isn't allowed") : ok(value);
}

/**
 * The same of what a platform hands on of strangers, where one odd value must not cost all the others: of any depth, and the key
 * `__proto__` is dropped. Nothing of it may be walked by recursion.
 */
export function parseForeignJson(body: Uint8Array): Result<Json> {
  let value: Json;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    return fail("body-malformed", "the body isn't JSON in UTF-8");
  }
  for (const waiting = [value]; waiting.length > 0; ) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null) continue;
    Reflect.deleteProperty(next, "__proto__");
    for (const inner of Object.values(next)) if (typeof inner === "object") waiting.push(inner);
  }
  return ok(value);
}

function isDeeper(body: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      if (depth > maxDepth) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}

function hasProto(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!Array.isArray(value) && Object.hasOwn(value, "__proto__")) return true;
  return Object.values(value).some(hasProto);
}

/** JSON with the keys in order, so that equal values are equal text. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as Json)}`);
  return `{${pairs.join(",")}}`;
}
