import { z } from "zod";
import { AccountKey } from "./common.ts";

const time = z.coerce.number().int().min(0).optional();

export const ExportQuery = z.strictObject({
  from: time.meta({ description: "Milliseconds since 1970; included." }),
  to: time.meta({ description: "Milliseconds since 1970; included." }),
  account: AccountKey.optional(),
  mark: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "`true`: begins with a byte order mark, which some spreadsheets need." }),
});
