import { setTimeout as pause } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import { noticePlaces } from "../../config/notices.ts";
import type { Delivery } from "../../core/delivery.ts";
import type { Fault } from "../../core/errors.ts";
import type { DeliveryId } from "../../core/ids.ts";
import { textPart } from "../../core/message.ts";
import { type Notice, type NoticePlace, placeName } from "../../core/notice.ts";
import type { Json } from "../../core/terms.ts";
import { testText } from "../../ops/notice-text.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, type OpenedStore, tenant, working } from "../open.ts";
import { done, findingJson, moment, type Outcome, refuse, showFinding } from "../outcome.ts";
import type { Run } from "../run.ts";
import { withUnresolved } from "./send.ts";

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

interface Tried {
  readonly place: string;
  readonly state: Delivery["state"] | "refused";
  readonly error?: Pick<Fault, "code" | "message">;
}

async function test(door: CommandDoor, waitS: number): Promise<Outcome> {
  return working(door, async (opened) => {
    const to = noticePlaces(opened.loaded.notices);
    if (to.length === 0) return refuse("notices-unset", "Nobody is to be told of findings: `notices.to` names no place.");
    if (!(await door.gatewayRuns())) return refuse("gateway-stopped", "No gateway runs that could deliver a test.");
    const tried = await Promise.all(to.map((place) => tryPlace(door, opened, place, waitS * 1000)));
    const lines = tried.map(
      ({ place, state, error }) => `${state === "sent" ? "✓" : "✗"} ${place}: ${error?.message ?? words(state, waitS)}`,
    );
    const exit = tried.every(({ state }) => state === "sent") ? 0 : 1;
    const json = tried.map(({ place, state, error }) => ({ place, state, ...(error && { error: { ...error } }) }));
    return { exit, json: { ok: exit === 0, places: json }, text: lines.join("\n") };
  });
}

function words(state: Tried["state"], waitS: number): string {
  return state === "sent" ? "it arrived" : `it isn't sent after ${waitS} s (${state}); \`polylogue queue list\` shows it`;
}

async function tryPlace(door: CommandDoor, { store, loaded }: OpenedStore, place: NoticePlace, waitMs: number): Promise<Tried> {
  const name = placeName(place);
  const queued = await door.enqueue(store, withUnresolved(loaded), {
    tenant,
    to: place,
    parts: [textPart(testText(loaded.configuration.http.publicUrl))],
    by: actor,
    notice: true,
  });
  if (!queued.ok) return { place: name, state: "refused", error: queued.fault };
  const until = door.clock.elapsed() + waitMs;
  for (;;) {
    const [delivery] = await unsent(store, queued.value.deliveries);
    if (!delivery) return { place: name, state: "sent" };
    const over = !["queued", "sending", "streaming"].includes(delivery.state);
    if (over || door.clock.elapsed() >= until) {
      return { place: name, state: delivery.state, ...(delivery.error && { error: delivery.error }) };
    }
    // The clock's own timers don't keep the process alive.
    await pause(100);
  }
}

async function unsent({ records }: OpenedStore["store"], ids: readonly DeliveryId[]): Promise<readonly Delivery[]> {
  const deliveries = await Promise.all(ids.map((id) => records.delivery(tenant, id)));
  return deliveries.filter((delivery) => delivery !== undefined).filter(({ state }) => state !== "sent");
}

function seconds(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 to 999.");
  return Number(text);
}
