import { type ErrorCode, errorTable } from "../core/errors.ts";
import { filled, inEnglish, type Refusal, type Said, Text } from "../core/say.ts";
import { german } from "./de/index.ts";
import type { Language } from "./language.ts";

/** Says something in one language. */
export type Speak = (said: Said) => string;

/** All but English, by language tag. */
export const languages: Readonly<Record<string, Language>> = { de: german };

const speakers = new Map(Object.entries(languages).map(([tag, language]) => [tag, speakIn(language)]));

/** In the first language of an `Accept-Language` that the gateway speaks; in English where it speaks none, or none is asked for. */
export function speakerFor(accepted: string | undefined): Speak {
  return speakers.get(languageFor(accepted)) ?? inEnglish;
}

/** Its tag: `de-AT, en;q=0.5` is `de`. */
export function languageFor(accepted = ""): string {
  const wished = accepted.split(",", 20).map((entry) => {
    const [tag = "", weight] = entry.split(";");
    return { tag: tag.trim().toLowerCase(), weight: Number(/^\s*q=([\d.]+)\s*$/.exec(weight ?? "q=1")?.[1] ?? 0) };
  });
  for (const { tag } of wished.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)) {
    const primary = tag.split("-", 1)[0] as string;
    if (primary === "en" || Object.hasOwn(languages, primary)) return primary;
  }
  return "en";
}

export function speakIn({ errors, sentences, settings }: Language): Speak {
  const hints = Object.entries(errors).map(([code, { hint }]) => [errorTable[code as ErrorCode].hint, hint] as const);
  const known = new Map([...hints, ...Object.entries(sentences), ...Object.entries(settings)]);

  function speak(said: Said): string {
    if (said instanceof Text) return filled(known.get(said.key) ?? said.key, said.values.map(speak));
    return typeof said === "object" ? refusal(said) : String(said);
  }

  /** Its message; one that only English has comes behind what the code says. */
  function refusal({ code, message, said }: Refusal): string {
    const whole = said ? known.has(said.key) && speak(said) : known.get(message);
    if (whole) return whole;
    return Object.hasOwn(errors, code) ? `${errors[code as ErrorCode].wrong}: ${message}` : message;
  }

  return speak;
}
