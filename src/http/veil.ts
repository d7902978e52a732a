/** What of an answer others may have said: a platform that refuses a key may quote it. */
const quoting = new Set(["message", "why", "error", "reason"]);

/**
 * For `JSON.stringify`: what says why something went wrong goes through the mask of known secrets. What people and models wrote, and
 * settings, which are shown to be changed and come back, stay as they are.
 */
export function veil(mask: (text: string) => string): (key: string, value: unknown) => unknown {
  return (key, value) => (typeof value === "string" && quoting.has(key) ? mask(value) : value);
}
