import type { Header } from "postal-mime";

/** What the operator's own server found out about a mail: `proven` when the domain of From vouches for it. */
export interface Authentication {
  readonly proven: boolean;
  /** For people: `dmarc=pass`, or why not. */
  readonly shown: string;
}

interface Verdict {
  readonly method: string;
  readonly result: string;
  /** `header.d` → the domain, in lower case. */
  readonly properties: ReadonlyMap<string, string>;
}

/**
 * Reads Authentication-Results (https://www.rfc-editor.org/rfc/rfc8601). Only headers that carry the configured authserv-id
 * count, and of them those above the next Received line, topmost first: what stands further down came with the mail. Servers
 * have to take out such headers that strangers send (section 5).
 *
 * From is proven by DMARC, or where nothing was said of DMARC by a DKIM signature or SPF whose domain is From's own or one
 * above it. Anything else, a header that can't be read included, proves nothing.
 */
export function authenticationOf(headers: readonly Header[], authservId: string | undefined, from: string): Authentication {
  if (authservId === undefined) return { proven: false, shown: "not checked" };
  const verdicts = trustedVerdicts(headers, authservId.toLowerCase());
  const of = (method: string) => verdicts.filter((verdict) => verdict.method === method);
  const domain = from.slice(from.lastIndexOf("@") + 1).toLowerCase();
  const shown = ["dmarc", "dkim", "spf"].flatMap((method) => of(method).slice(0, 1)).map(({ method, result }) => `${method}=${result}`);
  const words = shown.length > 0 ? shown.join(" ") : "not checked";
  const [dmarc] = of("dmarc");
  if (dmarc) {
    const about = dmarc.properties.get("header.from");
    // "none" says that the domain publishes no policy: then what is below decides.
    if (dmarc.result !== "none") return { proven: dmarc.result === "pass" && (about === undefined || about === domain), shown: words };
  }
  const signed = of("dkim").some(({ result, properties }) => result === "pass" && vouches(signer(properties), domain));
  const [spf] = of("spf");
  const sent = spf?.result === "pass" && vouches(domainOf(spf.properties.get("smtp.mailfrom")), domain);
  return { proven: signed || sent, shown: words };
}

function signer(properties: ReadonlyMap<string, string>): string | undefined {
  return properties.get("header.d") ?? domainOf(properties.get("header.i"));
}

function domainOf(value: string | undefined): string | undefined {
  return value?.slice(value.lastIndexOf("@") + 1);
}

/** A domain vouches for itself and for what is below it; a name of one label (`com`) for nothing. */
function vouches(by: string | undefined, domain: string): boolean {
  return by?.includes(".") === true && (domain === by || domain.endsWith(`.${by}`));
}

function trustedVerdicts(headers: readonly Header[], authservId: string): Verdict[] {
  const verdicts: Verdict[] = [];
  let found = false;
  for (const { key, value } of headers) {
    if (found && key === "received") break;
    if (key !== "authentication-results") continue;
    const text = withoutComments(value);
    if (text === undefined) continue;
    const [head = "", ...rest] = split(text);
    if (head.trim().split(/\s+/)[0]?.toLowerCase() !== authservId) continue;
    found = true;
    verdicts.push(...rest.flatMap(verdictOf));
  }
  return verdicts;
}

/** `dkim=pass reason="…" header.d=example.com`; nothing where it has another form. */
function verdictOf(text: string): Verdict[] {
  const tokens = text.match(/[^\s="]+\s*=\s*(?:"[^"]*"|[^\s"]*)/g) ?? [];
  const [first, ...more] = tokens.map((token) => {
    const at = token.indexOf("=");
    return [
      token.slice(0, at).trim().toLowerCase(),
      token
        .slice(at + 1)
        .trim()
        .replace(/^"|"$/g, "")
        .toLowerCase(),
    ] as const;
  });
  if (!first) return [];
  // A method may carry its version: dkim/1.
  return [{ method: first[0].replace(/\/\d+$/, ""), result: first[1], properties: new Map(more.reverse()) }];
}

/** At semicolons that stand in no quotes. */
function split(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|[^;"])+/g) ?? [];
}

/** Comments may hold each other, and are everywhere in these headers. Nothing where a comment or a quote has no end. */
function withoutComments(text: string): string | undefined {
  let depth = 0;
  let quoted = false;
  let out = "";
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string;
    if (sign === "\\") {
      if (depth === 0) out += text.slice(at, at + 2);
      at++;
    } else if (sign === '"' && depth === 0) {
      quoted = !quoted;
      out += sign;
    } else if (quoted) out += sign;
    else if (sign === "(") depth++;
    else if (sign === ")") depth = Math.max(0, depth - 1);
    else if (depth === 0) out += sign;
  }
  return quoted || depth > 0 ? undefined : out;
}
