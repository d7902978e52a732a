import { z } from "zod";
import type { Channel } from "../../core/channel.ts";
import { isSecret } from "../../core/secret.ts";
import { type SettingWords, translationFor } from "../../core/translation.ts";
import type { Operations } from "../call.ts";
import { present } from "../views.ts";

type Kind = Extract<Awaited<ReturnType<Operations<"channels">["channels"]>>, { ok: true }>["value"][number];

type JsonSchema = { [key: string]: unknown };

/** A channel as the app's form for it needs it. What it can do shows in the methods that it has. */
export function showChannel(channel: Channel, language: string): Kind {
  const { kind, limits } = channel;
  return {
    kind,
    ...inLanguage(channel, language),
    can: {
      listen: channel.listen !== undefined,
      webhook: channel.webhook !== undefined,
      edit: channel.edit !== undefined,
      typing: channel.typing !== undefined,
      buttons: limits.buttons !== undefined,
      files: limits.file !== undefined,
      stream: limits.editEvery !== undefined && channel.edit !== undefined,
      react: channel.react !== undefined,
      takeBack: channel.delete !== undefined,
      idempotent: channel.idempotent === true,
    },
    limits: {
      text: limits.text,
      rate: limits.rate,
      ...present({ caption: limits.caption, editEvery: limits.editEvery, file: limits.file, buttons: limits.buttons }),
      ...(limits.preview && { preview: { ...limits.preview, chats: [...limits.preview.chats] } }),
    },
  };
}

/** What a channel says of itself: in that language if it has it, else in English. */
export function inLanguage(
  channel: Pick<Channel, "name" | "summary" | "guide" | "pictures" | "settings" | "translations">,
  language: string,
) {
  const { pictures = [], translations = {} } = channel;
  const translation = translationFor(translations, language);
  const { name = channel.name, summary, guide } = translation ?? channel;
  const inPicture = (value: string) => translation?.values?.[value] ?? value;
  return {
    name,
    summary,
    guide,
    pictures: pictures.map((picture) => ({
      ...picture,
      rows: picture.rows.map((row) => (row.value === undefined ? row : { ...row, value: inPicture(row.value) })),
    })),
    settings: inWords(settingsSchema(channel.settings), translation?.settings),
  };
}

/** Labels and descriptions as a translation has them, where JSON Schema has its own. */
export function inWords(schema: JsonSchema, words: Readonly<Record<string, SettingWords>> = {}): JsonSchema {
  const properties = Object.entries((schema.properties ?? {}) as JsonSchema).map(([key, property]) => {
    const [title, description] = words[key] ?? [];
    return [key, { ...(property as JsonSchema), ...present({ title, description }) }];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** As JSON Schema; a secret is a plain string of `format: "secret"` to whoever fills in the form. */
export function settingsSchema(settings: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(settings, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (!isSecret(zodSchema) || !jsonSchema.anyOf) return;
      delete jsonSchema.anyOf;
      Object.assign(jsonSchema, { type: "string", minLength: 1 });
    },
  });
  return schema;
}
