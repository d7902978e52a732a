import { z } from "zod";
import { fail, ok } from "../core/errors.ts";
import { defineTool } from "../core/tool.ts";

/** Time zones are IANA names, as `Intl` knows them: https://www.iana.org/time-zones */
export default defineTool({
  name: "current_time",
  effect: "none",
  description: "The current date and time, in UTC or in a time zone such as Europe/Berlin.",
  input: z.object({ zone: z.string().max(64).optional().describe("An IANA time zone name; UTC if absent") }),
  run({ zone = "UTC" }, { clock }) {
    const now = new Date(clock.now());
    let parts: Intl.DateTimeFormatPart[];
    try {
      parts = new Intl.DateTimeFormat("en-GB", { ...shape, timeZone: zone }).formatToParts(now);
    } catch {
      return fail("request-invalid", `there is no time zone ${JSON.stringify(zone)}; use an IANA name such as Europe/Berlin`);
    }
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "";
    const offset = of("timeZoneName").replace("GMT", "") || "+00:00";
    return ok(
      `${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}:${of("second")}${offset} (${of("weekday")}, ${zone})`,
    );
  },
});

const shape = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  weekday: "long",
  hourCycle: "h23",
  timeZoneName: "longOffset",
} as const;
