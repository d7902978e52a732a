import { type ErrorCode, type Fault, fault } from "../../core/errors.ts";
import { fold, type Line, type Support } from "./line.ts";

/** Numbers by which a server says that something of a message, a join or a question didn't work. https://modern.ircdocs.horse/#numerics */
const numbers: Readonly<Partial<Record<ErrorCode, string>>> = {
  "channel-gone": "401 403 405 442 471 473 474 475 476 477 489 520",
  "channel-retry": "263 407 437 439 480 707",
  "channel-permanent": "404 408 411 412 415 416 421 435 461 472 482 486 488 492 513 531 573 716 FAIL",
};
const codes = new Map(Object.entries(numbers).flatMap(([code, all]) => all.split(" ").map((one) => [one, code as ErrorCode] as const)));
/** Those that name no target. */
const untargeted = new Set("263 411 412 415 416 421 461 FAIL".split(" "));

/** What a line refuses of something that went to the target. Where nothing is labelled, lines about something else come in between. */
export function refusalOf({ command, params }: Line, target: string, support: Support): Fault | undefined {
  const code = codes.get(command);
  const isAbout = untargeted.has(command) || fold(params[1] ?? "", support) === fold(target, support);
  if (code === undefined || !isAbout) return undefined;
  const said = params
    .slice(1)
    .join(" ")
    .replace(/\p{Cc}/gu, " ")
    .slice(0, 200);
  return fault(code, `the server refused it: ${command} ${said}`);
}
