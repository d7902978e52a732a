import { z } from "zod";
import { isSecret } from "../core/secret.ts";
import type { Json } from "../core/terms.ts";
import { accountSchema, configurationSchema, providerSchema } from "./schema.ts";
import type { ChannelKind, ProviderKind } from "./sources.ts";

type JsonSchema = { [key: string]: Json };

/** For editors (`$schema`): the whole configuration with the settings of the given channels and providers. Draft 2020-12. */
export function jsonSchema(channels: readonly ChannelKind[], providers: readonly ProviderKind[]): JsonSchema {
  const whole = schemaOf(configurationSchema);
  const properties = whole.properties as { [key: string]: JsonSchema };
  if (channels.length > 0) entries(properties.accounts, schemaOf(accountSchema), "channel", channels);
  if (providers.length > 0) entries(properties.providers, schemaOf(providerSchema), "kind", providers);
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title: "Polylogue configuration", ...whole };
}

/** One schema as JSON Schema of what people write. Secrets are marked with `format: "secret"`, for forms. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", cycles: "ref" });
  return json as JsonSchema;
}

/** The settings of one kind, for forms and docs, in the order in which they are written. */
export function settingsOf(
  schema: z.ZodType,
): readonly { readonly key: string; readonly secret: boolean; readonly required: boolean; readonly schema: JsonSchema }[] {
  const json = schemaOf(schema);
  const shape = (schema.def as { shape?: Record<string, z.ZodType> }).shape ?? {};
  const required = Array.isArray(json.required) ? json.required : [];
  return Object.entries((json.properties ?? {}) as { [key: string]: JsonSchema }).map(([key, value]) => ({
    key,
    secret: Object.hasOwn(shape, key) && isSecret(shape[key]),
    required: required.includes(key),
    schema: value,
  }));
}

/** An entry is off, or it is of one kind and has that kind's settings besides its own. */
function entries(
  section: JsonSchema | undefined,
  own: JsonSchema,
  key: "channel" | "kind",
  kinds: readonly (ChannelKind | ProviderKind)[],
): void {
  if (!section) return;
  const ownProperties = own.properties as JsonSchema;
  const forms: JsonSchema[] = kinds.map(({ kind, settings }) => {
    const json = schemaOf(settings);
    const properties = {
      ...ownProperties,
      ...((json.properties ?? {}) as JsonSchema),
      [key]: { ...(ownProperties[key] as JsonSchema), const: kind },
    };
    const required = [key, ...(Array.isArray(json.required) ? json.required : [])];
    return { title: kind, type: "object", properties, required, additionalProperties: false };
  });
  section.additionalProperties = { anyOf: [...forms, { const: false }] };
}
