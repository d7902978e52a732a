/** A secret of fewer characters is too common a text to be looked for in its encodings. */
const shortest = 6;

/**
 * The text without those secrets: as they are, URL-encoded, in hex and base64, and escaped as in JSON or HTML. Before anything
 * is cut off: half a secret isn't recognised any more.
 */
export function withoutSecrets(text: string, secrets: readonly (string | undefined)[], shown = "<secret>"): string {
  const forms = secrets.flatMap((secret) => (secret ? [secret, ...(secret.length < shortest ? [] : formsOf(secret))] : []));
  // The longest first: a secret that contains another must not leave its rest behind.
  return forms.sort((a, b) => b.length - a.length).reduce((safe, form) => safe.replaceAll(form, shown), text);
}

/** How a secret may stand in a text that quotes it. */
export function* formsOf(secret: string): Generator<string> {
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
