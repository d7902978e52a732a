import type { Canary } from "./full-configuration.ts";

/** Where text that leaves a gateway was seen, and what it was. */
export interface Leaving {
  readonly where: string;
  readonly text: string;
}

/** A part this long of a secret is a leak, too: what cuts a text off may cut in the middle of one. */
const telling = 12;

/** Each secret that stands in one of the texts, whole, its beginning or its end, or encoded. */
export function leaks(canaries: readonly Canary[], leaving: readonly Leaving[]): readonly string[] {
  return canaries.flatMap(({ where, text }) => {
    const signs = signsOf(text);
    return leaving.flatMap((each) => {
      const sign = signs.find((one) => each.text.includes(one));
      if (sign === undefined) return [];
      const at = each.text.indexOf(sign);
      return [`${where} in ${each.where}: …${each.text.slice(Math.max(0, at - 200), at + 60).replace(/\s+/g, " ")}…`];
    });
  });
}

function signsOf(secret: string): readonly string[] {
  // Of a PEM: lines of the key.
  const words = secret.includes("PRIVATE KEY")
    ? secret.slice(secret.indexOf("PRIVATE KEY")).split("\n").slice(2, -3)
    : [secret.replace(/^(canary-|xoxb-|xapp-|whsec_|\d+:)/, "")];
  const beginnings = words.flatMap((word) => [word.slice(0, telling), word.slice(-telling)]);
  return [...beginnings, ...base64(secret), Buffer.from(secret).toString("hex").slice(0, 40)];
}

/** The three ways in which it may stand in the base64 of a longer text. */
function base64(secret: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const all = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]).toString("base64");
    return all.slice(before === 0 ? 0 : 4, 28);
  });
}
