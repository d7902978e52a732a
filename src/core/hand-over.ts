import type { Inbox } from "./channel.ts";
import { type Fault, faultOf } from "./errors.ts";
import type { PlatformEvent } from "./event.ts";

/** Hands events to the inbox; says why where the store refuses them: then they wait where they are, unacknowledged. */
export async function handOver(inbox: Inbox, events: readonly PlatformEvent[], cursor?: string): Promise<Fault | undefined> {
  try {
    await inbox.receive(events, cursor);
    return undefined;
  } catch (thrown) {
    return faultOf(thrown, "store-unavailable");
  }
}
