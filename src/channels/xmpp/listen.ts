import type { Inbox } from "../../core/channel.ts";
import type { Fault } from "../../core/errors.ts";
import type { XmppConnection } from "./connection.ts";

/**
 * Hands over what arrives, and tells the server that we have it. What the store refuses stays with the connection, unacknowledged, and is handed over when
 * `listen` is called again.
 */
export async function listen(connection: XmppConnection, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const { stream, arrivals } = connection;
  connection.heard = () => inbox.alive();
  connection.trouble = (part, why) => inbox.trouble?.(part, why);
  inbox.alive();
  connection.begin(inbox.cursor);
  try {
    return await arrivals.handOver(inbox, stream, signal, (some) => arrivals.batchOf(some, () => stream.acknowledge()));
  } finally {
    if (signal.aborted) connection.close();
  }
}
