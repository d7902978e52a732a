import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A network between two programs that can fail: bytes go through it until it is cut. */
export interface Line extends AsyncDisposable {
  readonly port: number;
  /** Nothing gets through, and nobody is told: as a cable that was pulled, or a firewall that drops. */
  cut(): void;
  mend(): void;
  /** Ends every connection there is. */
  hangUp(): void;
}

export async function startLine(target: { readonly port: number }): Promise<Line> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let cut = false;
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: "127.0.0.1", port: target.port, noDelay: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on("data", (chunk) => {
        if (!cut) to.write(chunk);
      });
      from.on("error", () => {});
      from.on("close", () => {
        // Through a cut not even an end is heard.
        if (!cut) to.destroy();
        pairs.delete(pair);
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const hangUp = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    pairs.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      cut = true;
    },
    mend: () => {
      cut = false;
      // What was swallowed is gone, and with it the sense of what would follow.
      hangUp();
    },
    hangUp,
    async [Symbol.asyncDispose]() {
      hangUp();
      server.close();
      await once(server, "close");
    },
  };
}
