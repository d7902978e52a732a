import type { Account, Channel, Identity } from "../core/channel.ts";
import { fail, faultOf, type Result } from "../core/errors.ts";
import type { AccountId } from "../core/ids.ts";
import type { Provider } from "../core/provider.ts";
import type { KnownTemplate } from "../core/template.ts";
import type { CliDoor } from "./door.ts";
import { tenant } from "./open.ts";

const patienceMs = 20_000;

/** A real round trip to the platform with resolved settings. */
export async function probeAccount(door: CliDoor, channel: Channel, id: string, settings: unknown): Promise<Result<Identity>> {
  return inTime((signal) => channel.probe(accountOf(door, id, settings), signal), `${channel.name} didn't answer`);
}

/** The templates that the platform knows of the account's. */
export async function accountTemplates(
  door: CliDoor,
  channel: Channel,
  id: string,
  settings: unknown,
): Promise<Result<readonly KnownTemplate[]>> {
  const { templates } = channel;
  if (!templates) return fail("template-refused", `${channel.name} has no templates`);
  return inTime((signal) => templates(accountOf(door, id, settings), signal), `${channel.name} didn't answer`);
}

function accountOf(door: CliDoor, id: string, settings: unknown): Account {
  return {
    tenant,
    id: id as AccountId,
    settings,
    http: door.http,
    clock: door.clock,
    log: door.log,
    load: door.packages.load,
    readFile: () => Promise.reject(new Error("a probe reads no files")),
  };
}

/** The models that the provider offers to this key. */
export async function probeProvider(door: CliDoor, provider: Provider, id: string, settings: unknown): Promise<Result<readonly string[]>> {
  return inTime(
    (signal) => provider.models({ id, settings, stallMs: 15_000, http: door.http, log: door.log, load: door.packages.load }, signal),
    `${provider.name} didn't answer`,
  );
}

async function inTime<Value>(ask: (signal: AbortSignal) => Promise<Result<Value>>, late: string): Promise<Result<Value>> {
  const signal = AbortSignal.timeout(patienceMs);
  const { promise, resolve } = Promise.withResolvers<Result<Value>>();
  signal.addEventListener("abort", () => resolve(fail("channel-unreachable", `${late} within ${patienceMs / 1000} s.`)), { once: true });
  try {
    return await Promise.race([ask(signal), promise]);
  } catch (thrown) {
    return { ok: false, fault: faultOf(thrown) };
  }
}
