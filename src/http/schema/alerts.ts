import { z } from "zod";
import { alertSchema } from "../../config/alert-schema.ts";
import { alertMeasures } from "../../core/alert.ts";
import { Instant, named } from "./common.ts";
import { NoticePlace } from "./operation.ts";

const value = z.number().meta({ description: "In the measure's unit: a count, percent, seconds, minutes or US dollars (docs/alerts.md)." });

export const Alert = named(
  "Alert",
  z.object({
    id: z.string(),
    measure: z.enum(alertMeasures),
    above: z.number().optional(),
    below: z.number().optional(),
    hours: z.number().int(),
    minutes: z.number().int().optional().meta({ description: "It is counted over these in place of hours." }),
    forMinutes: z.number().int(),
    account: z.string().optional(),
    channel: z.string().optional(),
    agent: z.string().optional(),
    to: z.array(NoticePlace).optional(),
    repeatHours: z.number().int().optional(),
    mutedUntil: Instant.optional(),
    state: z.enum(["ok", "pending", "firing", "muted", "no-data"]),
    since: Instant.optional().meta({ description: "When it came to stand so." }),
    value: value.optional().meta({ description: "As it is now; absent while there is no data." }),
    toldAt: Instant.optional().meta({ description: "When somebody was last told of it, while it fires." }),
  }),
);

export const AlertFiring = named(
  "AlertFiring",
  z.object({
    alert: z.string(),
    beganAt: Instant,
    endedAt: Instant.optional().meta({ description: "Absent while it lasts." }),
    value: value.meta({ description: "What was measured when it began." }),
  }),
);

export const FiringsQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(50) });

export const AlertRule = named("AlertRule", z.strictObject(alertSchema.shape));

export const AlertPreview = named(
  "AlertPreview",
  z.object({
    kept: z.boolean().meta({ description: "Whether there is a past of this measure." }),
    times: z.number().int().meta({
      description:
        "How often it would have fired in the last seven days, each hour as it ended, or of `cost-today` on how many days it went over the threshold; over minutes, in the last 24 hours.",
    }),
    from: Instant.optional().meta({
      description: "Since when that is known: of minutes later than a day ago where an older gateway kept fewer of them.",
    }),
    value: value.optional().meta({ description: "What is measured now; absent while there is no data." }),
    points: z
      .array(z.object({ at: Instant, value: z.number().optional(), over: z.boolean() }))
      .meta({ description: "Of a rule over minutes only those at which the value changed." }),
  }),
);
