import type { Channel } from "../../src/core/channel.ts";
import type { ChannelTranslation } from "../../src/core/channel-translation.ts";
import type { Provider } from "../../src/core/provider.ts";
import { inLanguage, settingsSchema } from "../../src/http/api/channel-kinds.ts";
import { labelOf } from "../../ui/src/rooms/channels/setting-fields.ts";
import { pictureViolations } from "./guide-pictures.ts";

type Translated = Pick<Channel, "name" | "summary" | "guide" | "settings" | "pictures" | "translations">;

/** What is wrong with a channel's translations: each says all that the English says, and nothing else. */
export function translationViolations(channel: Translated): string[] {
  return Object.entries(channel.translations ?? {}).flatMap(([tag, translation]) => {
    const { guide, pictures } = inLanguage(channel, tag);
    const found = [
      ...tagViolations(tag),
      ...summaryViolations(channel.summary, translation.summary),
      ...guideViolations(channel, translation),
      ...settingViolations(channel, translation),
      ...valueViolations(channel, translation),
      ...pictureViolations({ guide, pictures, settings: channel.settings }),
    ];
    return found.map((what) => `${tag}: ${what}`);
  });
}

function* tagViolations(tag: string): Generator<string> {
  if (!/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/.test(tag)) yield "is no language tag";
}

function* summaryViolations(english: string, said: string): Generator<string> {
  if (!said.trim() || said.includes("\n")) yield "the summary isn't one line";
  if (said === english) yield "the summary is the English one";
}

function* guideViolations(channel: Translated, { guide, settings }: ChannelTranslation): Generator<string> {
  const english = piecesOf(channel.guide);
  const said = piecesOf(guide);
  if (said.length !== english.length) return yield `the guide has ${said.length - 1} steps, the English one ${english.length - 1}`;
  const labels = new Map(Object.entries(settings).map(([key, [label]]) => [label, key]));
  const keys = new Map(propertiesOf(channel).flatMap(([key]) => [key, labelOf(key)].map((name) => [name, key])));
  for (const [step, piece] of said.entries()) {
    const model = english[step] as string;
    if (wordsIn(piece).some((words) => wordsIn(model).includes(words))) yield `step ${step} has English words`;
    for (const [what, read] of [
      ["code", codeIn],
      ["links", linksIn],
      ["points", pointsIn],
    ] as const) {
      const [has, wants] = [read(piece), read(model)].map((all) => all.toSorted().join(", "));
      if (has !== wants) yield `step ${step} has other ${what}: ${has || "none"} in place of ${wants || "none"}`;
    }
    const [has, wants] = [namedIn(piece, labels), namedIn(model, keys)].map((all) => all.toSorted().join(", "));
    if (has !== wants) yield `step ${step} names other settings: ${has || "none"} in place of ${wants || "none"}`;
  }
}

/** The same of a provider's: its form says in each language all that it says in English. */
export function formViolations({ name, settings, translations = {} }: Pick<Provider, "name" | "settings" | "translations">): string[] {
  return Object.entries(translations).flatMap(([tag, translation]) => {
    const found = [
      ...tagViolations(tag),
      ...(translation.name === name || translation.name?.trim() === "" ? ["the name is the English one"] : []),
      ...settingViolations({ settings }, translation),
    ];
    return found.map((what) => `${tag}: ${what}`);
  });
}

function* settingViolations(of: Pick<Channel, "settings">, { settings }: Pick<ChannelTranslation, "settings">): Generator<string> {
  const properties = propertiesOf(of);
  for (const [key, english] of properties) {
    const [label, description] = settings[key] ?? [];
    if (!label?.trim()) yield `setting ${key} has no label`;
    if (!description?.trim()) yield `setting ${key} has no description`;
    else if (description === english) yield `setting ${key} has the English description`;
  }
  const labels = Object.values(settings).map(([label]) => label);
  if (new Set(labels).size < labels.length) yield "two settings have one label";
  for (const key of Object.keys(settings)) if (!properties.some(([own]) => own === key)) yield `there is no setting ${key}`;
}

function* valueViolations({ pictures = [] }: Translated, { values = {} }: ChannelTranslation): Generator<string> {
  const drawn = new Set(pictures.flatMap(({ rows }) => rows.flatMap(({ value }) => value ?? [])));
  for (const value of drawn) if (inWords.test(value) && !values[value]?.trim()) yield `the value ${value} has no translation`;
  for (const [value, said] of Object.entries(values)) {
    if (!drawn.has(value)) yield `no picture has the value ${value}`;
    if (said === value) yield `the value ${value} is the English one`;
  }
}

/** Two words in small letters, as platforms' own names, tokens and addresses have none; or what stands for something. */
const inWords = /\b[a-z]+ [a-z]+\b(?! …)|<[a-z ]+>/;

/** What is before the first step, then step by step; what follows the last one is with it. */
const piecesOf = (guide: string) => guide.split(/^\d+\. /m);

/** A piece, point by point, without code. */
const wordsIn = (piece: string) =>
  piece
    .split(/^ +- |\n\n/m)
    .map((point) => point.replace(/`[^`]*`/g, "").trim())
    .filter((point) => /\p{L}/u.test(point));

/** What stands in `<>` is said in the reader's words. */
const codeIn = (text: string) =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replace(/\s+/g, " ").replace(/<\p{L}[\p{L} ]*>/gu, "<>"));

const linksIn = (text: string) => [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, address = ""]) => address);

const pointsIn = (text: string) => [...text.matchAll(/^ +- /gm)].map(() => "-");

/** The settings that are named in bold, by key: alone, or with what they are to be (**mode webhook**). */
function namedIn(text: string, keys: ReadonlyMap<string, string>): string[] {
  const names = [...keys.keys()].toSorted((one, other) => other.length - one.length);
  return [...text.matchAll(/\*\*([^*]+)\*\*/g)].map(([, bold = ""]) => {
    const name = names.find((each) => bold === each || bold.startsWith(`${each} `));
    return name === undefined ? "another word" : (keys.get(name) as string);
  });
}

/** Each setting with its English description. */
function propertiesOf({ settings }: Pick<Channel, "settings">): readonly (readonly [key: string, description: string])[] {
  const { properties = {} } = settingsSchema(settings);
  return Object.entries(properties as { [key: string]: { description?: string } }).map(([key, { description = "" }]) => [key, description]);
}
