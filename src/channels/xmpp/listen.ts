import type { Inbox } from "../../core/channel.ts";
import type { Fault } from "../../core/errors.ts";
import { handOver } from "../../core/hand-over.ts";
import type { XmppConnection } from "./connection.ts";

/** Events of one transaction at most. */
const batchSize = 200;

/**
 * Hands over what arrives, and tells the server that we have it. What the store refuses stays with the connection, unacknowledged, and is handed over when
 * `listen` is called again.
 */
export async function listen(connection: XmppConnection, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const { stream, arrivals } = connection;
  const wake = () => arrivals.move();
  connection.heard = () => inbox.alive();
  connection.trouble = (part, why) => inbox.trouble?.(part, why);
  signal.addEventListener("abort", wake);
  inbox.alive();
  connection.begin(inbox.cursor);
  try {
    for (;;) {
      while (arrivals.waiting.length === 0 && !stream.over.aborted && !signal.aborted) await arrivals.moved();
      if (signal.aborted) return undefined;
      if (arrivals.waiting.length === 0) return stream.why;
      const { events, cursor, stored } = arrivals.next(batchSize);
      const refused = await handOver(inbox, events, cursor);
      if (refused) return refused;
      stored();
      stream.acknowledge();
    }
  } finally {
    signal.removeEventListener("abort", wake);
    if (signal.aborted) connection.close();
  }
}
