import { z } from "zod";
import type { Channel } from "../../core/channel.ts";
import { isSecret } from "../../core/secret.ts";
import type { Operations } from "../call.ts";
import { present } from "../views.ts";

type Kind = Extract<Awaited<ReturnType<Operations<"channels">["channels"]>>, { ok: true }>["value"][number];

/** A channel as the app's form for it needs it. What it can do shows in the methods that it has. */
export function showChannel(channel: Channel): Kind {
  const { kind, name, summary, guide, pictures = [], limits } = channel;
  return {
    kind,
    name,
    summary,
    guide,
    pictures: pictures.map((picture) => ({ ...picture, rows: [...picture.rows] })),
    settings: settingsSchema(channel.settings),
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

/** As JSON Schema; a secret is a plain string of `format: "secret"` to whoever fills in the form. */
export function settingsSchema(settings: z.ZodType): { [key: string]: unknown } {
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
