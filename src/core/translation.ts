/** Of a setting, what the form calls it, and what its description says. */
export type SettingWords = readonly [label: string, description: string];

/** The translation into a language, `de`, or into the one that it is a kind of: `de-AT` is `de` where there is no other. */
export function translationFor<Translation>(
  translations: Readonly<Record<string, Translation>>,
  language: string,
): Translation | undefined {
  for (let tag = language; tag !== ""; tag = tag.slice(0, Math.max(0, tag.lastIndexOf("-")))) {
    if (Object.hasOwn(translations, tag)) return translations[tag];
  }
  return undefined;
}
