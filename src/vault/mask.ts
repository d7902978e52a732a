/** Shorter texts are too common to be hidden wherever they appear. */
const shortest = 6;

/** What local model servers tell people to write where a key is asked for: no secrets, and words that stand everywhere. */
const placeholders = new Set([
  "ollama",
  "lm-studio",
  "llamacpp",
  "localai",
  "sk-no-key-required",
  "no-key-required",
  "not-needed",
  "placeholder",
]);

export interface Mask {
  /** From now on the secret is hidden, also URL-encoded, in base64, and escaped as in JSON, HTML or a shell. */
  add(secret: string): void;
  /** The text with every known secret as `•••`. */
  mask(text: string): string;
}

/** Knows the secrets that are in use, so that nothing which leaves (logs, errors, answers of the API) shows one. */
export function createMask(): Mask {
  const secrets = new Set<string>();
  const forms = new Set<string>();
  let pattern: RegExp | undefined;
  return {
    add(secret) {
      if (secrets.has(secret) || placeholders.has(secret.trim().toLowerCase())) return;
      secrets.add(secret);
      for (const text of [secret, secret.trim(), ...secret.split(/\r?\n/)]) {
        if (text.length >= shortest) for (const form of formsOf(text)) forms.add(form);
      }
      pattern = undefined;
    },
    mask(text) {
      if (forms.size === 0) return text;
      // The longest first: a secret that contains another must not leave its rest behind.
      pattern ??= new RegExp(
        [...forms]
          .sort((a, b) => b.length - a.length)
          .map(RegExp.escape)
          .join("|"),
        "g",
      );
      return text.replace(pattern, "•••");
    },
  };
}

function* formsOf(secret: string): Generator<string> {
  yield secret;
  yield inJson(secret);
  yield inJson(inJson(secret));
  yield asciiJson(secret);
  const url = encodeURIComponent(secret);
  yield url;
  yield url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  yield new URLSearchParams({ "": secret }).toString().slice(1);
  yield secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  yield Buffer.from(secret).toString("hex");
  yield* base64Forms(secret);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** As JSON writers put it that keep to ASCII. */
function asciiJson(text: string): string {
  return inJson(text).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Base64 of a text that contains the secret (`user:secret` in an Authorization header) depends on where the secret begins
 * in a group of three bytes: for each of the three places the characters that depend on the secret alone.
 */
function* base64Forms(secret: string): Generator<string> {
  const bytes = Buffer.from(secret);
  for (const before of [0, 1, 2]) {
    const all = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const start = before === 0 ? 0 : before + 1;
    const whole = (before + bytes.length) % 3 === 0 ? all.length : all.length - 1;
    const inner = all.slice(start, whole);
    if (inner.length < shortest) continue;
    yield inner;
    yield inner.replaceAll("+", "-").replaceAll("/", "_");
  }
}
