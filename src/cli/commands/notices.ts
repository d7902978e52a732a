import type { Command } from "commander";
import { noticePlaces } from "../../config/notices.ts";
import { type Notice, placeName } from "../../core/notice.ts";
import type { Json } from "../../core/terms.ts";
import { testText } from "../../ops/notice-text.ts";
import type { CommandDoor } from "../door.ts";
import { looking, tenant, working } from "../open.ts";
import { done, findingJson, moment, type Outcome, refuse, showFinding } from "../outcome.ts";
import type { Run } from "../run.ts";
import { seconds, tellPlaces } from "../tell.ts";

export function noticesCommand(program: Command, run: Run): void {
  const notices = program.command("notices").description("what operators are told of on a channel: see `notices` in the configuration");
  notices
    .command("list")
    .description("findings that last: since when, and who was told when")
    .action(() => run(list));
  notices
    .command("test")
    .description("send a test to every place in `notices.to`; exit code 1 unless all arrive")
    .option("--wait <seconds>", "how long to wait for them", seconds, 20)
    .action((options: { wait: number }) => run((door) => test(door, options.wait)));
}

async function list(door: CommandDoor): Promise<Outcome> {
  return looking(door, async ({ store, loaded, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const places = noticePlaces(loaded.notices).map(placeName);
    const notices = (await store?.records.notices(tenant)) ?? [];
    const lines = notices.flatMap(lineOf);
    if (lines.length === 0) lines.push("Nothing lasts that anybody would be told of.");
    lines.push(places.length === 0 ? "Nobody is told: `notices.to` names no place." : `Told: ${places.join(", ")}.`);
    if (!(await door.gatewayRuns())) lines.push("No gateway runs now: this is what the last one knew; `polylogue doctor` looks anew.");
    return done({ places, notices: notices.map(noticeJson) }, lines.join("\n"));
  });
}

function lineOf({ finding, since, overAt, told }: Notice): string[] {
  const who = told.map((one) => `${placeName(one)} on ${moment(one.at)}`);
  const about = [
    finding.code,
    finding.subject,
    overAt === undefined ? `since ${moment(since)}` : `over since ${moment(overAt)}, which isn't told yet`,
    who.length > 0 ? `told: ${who.join(", ")}` : "nobody was told",
  ];
  return [showFinding(finding), `  ${about.join(" · ")}`];
}

function noticeJson({ finding, since, overAt, told }: Notice): Json {
  const places = told.map(({ account, chat, thread, at }) => ({ account, chat, ...(thread !== undefined && { thread }), at }));
  return { ...(findingJson(finding) as object), since, ...(overAt !== undefined && { overAt }), told: places };
}

async function test(door: CommandDoor, waitS: number): Promise<Outcome> {
  return working(door, async (opened) => {
    const to = noticePlaces(opened.loaded.notices);
    if (to.length === 0) return refuse("notices-unset", "Nobody is to be told of findings: `notices.to` names no place.");
    return tellPlaces(door, opened, { to, text: testText(opened.loaded.configuration.http.publicUrl), waitS });
  });
}
