import { z } from "zod";
import { entryName } from "../../config/names.ts";

/** Shapes that every part of the API uses. Times are milliseconds since 1970-01-01T00:00:00Z. */

const components = z.registry<{ id: string }>();

/** Gives a schema its name under `components/schemas` of the OpenAPI description. */
export function named<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  components.add(schema, { id });
  return schema;
}

/** Every named schema, for the description. */
export function namedSchemas(): typeof components {
  return components;
}

export const Instant = z.number().meta({ description: "Milliseconds since 1970-01-01T00:00:00Z." });
export const Json = z.unknown().meta({ description: "Any JSON value." });
export const JsonObject = z.record(z.string(), Json);
export const Control = named("Control", z.enum(["agent", "human", "paused"]));
export const Role = named("Role", z.enum(["owner", "admin", "operator", "viewer"]));

export const ErrorBody = named(
  "Error",
  z.object({
    error: z.object({
      code: z.string().meta({ description: "Stable; docs/errors.md lists all." }),
      message: z.string().meta({ description: "What was wrong, and where." }),
      hint: z.string().meta({ description: "What to do." }),
      requestId: z.string().meta({ description: "Stands in the gateway's log and in the X-Request-Id header." }),
    }),
  }),
);

export const FaultView = named("Fault", z.object({ code: z.string(), message: z.string(), hint: z.string() }));

export const Done = named("Done", z.object({ ok: z.literal(true) }));

/** `before` is the cursor of the last item seen; the answer continues behind it. */
export const page = {
  before: z.coerce.number().int().min(0).optional().meta({ description: "The cursor of the last item of the page before." }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

/** The key of an account under `accounts` in the configuration; part of its webhook address. */
export const AccountKey = entryName.meta({ description: "1 to 63 letters, digits, - or _." });

/** An id that somebody sends us; only its length is bounded, what isn't known is not found. */
export const AnyId = z.string().min(1).max(256);
