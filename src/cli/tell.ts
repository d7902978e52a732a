import { setTimeout as pause } from "node:timers/promises";
import { InvalidArgumentError } from "commander";
import type { Delivery } from "../core/delivery.ts";
import type { Fault } from "../core/errors.ts";
import type { DeliveryId } from "../core/ids.ts";
import { textPart } from "../core/message.ts";
import { type NoticePlace, placeName } from "../core/notice.ts";
import { withUnresolved } from "./commands/send.ts";
import type { CommandDoor } from "./door.ts";
import { actor, type OpenedStore, tenant } from "./open.ts";
import { type Outcome, refuse } from "./outcome.ts";

interface Told {
  readonly place: string;
  readonly state: Delivery["state"] | "refused";
  readonly error?: Pick<Fault, "code" | "message">;
}

/** Says it at each place where operators are told, and waits for it: exit code 1 unless all arrive. */
export async function tellPlaces(
  door: CommandDoor,
  opened: OpenedStore,
  { to, text, waitS }: { readonly to: readonly NoticePlace[]; readonly text: string; readonly waitS: number },
): Promise<Outcome> {
  if (!(await door.gatewayRuns())) return refuse("gateway-stopped", "No gateway runs that could deliver a test.");
  const told = await Promise.all(to.map((place) => tell(door, opened, place, text, waitS * 1000)));
  const lines = told.map(({ place, state, error }) => `${state === "sent" ? "✓" : "✗"} ${place}: ${error?.message ?? words(state, waitS)}`);
  const exit = told.every(({ state }) => state === "sent") ? 0 : 1;
  const json = told.map(({ place, state, error }) => ({ place, state, ...(error && { error: { ...error } }) }));
  return { exit, json: { ok: exit === 0, places: json }, text: lines.join("\n") };
}

function words(state: Told["state"], waitS: number): string {
  return state === "sent" ? "it arrived" : `it isn't sent after ${waitS} s (${state}); \`polylogue queue list\` shows it`;
}

async function tell(door: CommandDoor, { store, loaded }: OpenedStore, place: NoticePlace, text: string, waitMs: number): Promise<Told> {
  const name = placeName(place);
  const queued = await door.enqueue(store, withUnresolved(loaded), {
    ...{ tenant, to: place, parts: [textPart(text)], by: actor, notice: true },
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

export function seconds(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 to 999.");
  return Number(text);
}
