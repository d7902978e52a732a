import { formsOf } from "../core/secret-forms.ts";

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
