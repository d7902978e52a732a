/** The languages that the app speaks, by what they call themselves. Their words stand in the folder of the same name. */
export const languages = { en: "English", de: "Deutsch" } as const;
export type LanguageCode = keyof typeof languages;

/** Those that don't say everything yet: nobody gets one who didn't choose it. */
const unfinished: ReadonlySet<LanguageCode> = new Set();

const key = "polylogue-language";

/** The one that was chosen on this device, else the first of the browser's that the app speaks. */
export const language: LanguageCode = chosen() ?? wished().find((code) => !unfinished.has(code)) ?? "en";

/** The same with its region, as the browser has it: how numbers and dates are written. */
export const locale: string = browsers().find((tag) => codeOf(tag) === language) ?? language;

/** What can be chosen: whole languages, and the one that is spoken. */
export const choices = (Object.keys(languages) as LanguageCode[]).filter((code) => !unfinished.has(code) || code === language);

/** Every word of the page is another then: it is loaded anew. */
export function setLanguage(next: LanguageCode): void {
  try {
    localStorage.setItem(key, next);
  } catch {
    // Storage is forbidden: the browser's own language it is.
  }
  location.reload();
}

function chosen(): LanguageCode | undefined {
  try {
    return codeOf(localStorage.getItem(key) ?? "");
  } catch {
    return undefined;
  }
}

function wished(): readonly LanguageCode[] {
  return browsers().flatMap((tag) => codeOf(tag) ?? []);
}

function browsers(): readonly string[] {
  return globalThis.navigator?.languages ?? [];
}

/** `de-AT` is German. */
function codeOf(tag: string): LanguageCode | undefined {
  const code = tag.split("-")[0] ?? "";
  return Object.hasOwn(languages, code) ? (code as LanguageCode) : undefined;
}
