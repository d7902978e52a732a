import { once } from "node:events";
import net from "node:net";

/** One request at a time over a raw socket: the load must cost less than what it measures. */
export interface Connection {
  /** Resolves with the status, or with 0 when the connection is gone. */
  ask(request: string): Promise<number>;
  close(): void;
}

export async function connect(url: URL): Promise<Connection> {
  const socket = net.connect(Number(url.port), url.hostname).setNoDelay(true).setEncoding("latin1");
  await once(socket, "connect");
  let text = "";
  let resolve: (status: number) => void = () => {};
  socket.on("data", (chunk: string) => {
    text += chunk;
    const head = text.indexOf("\r\n\r\n");
    if (head < 0) return;
    const headers = text.slice(0, head);
    const chunked = /\r\ntransfer-encoding: *chunked/i.test(headers);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(headers)?.[1] ?? 0);
    if (chunked ? !text.endsWith("0\r\n\r\n") : text.length < head + 4 + length) return;
    const status = Number(text.slice(9, 12));
    text = "";
    resolve(status);
  });
  socket.on("error", () => {});
  socket.on("close", () => resolve(0));
  return {
    ask: (request) => {
      return new Promise((answered) => {
        resolve = answered;
        if (socket.destroyed) answered(0);
        else socket.write(request, "latin1");
      });
    },
    close: () => socket.destroy(),
  };
}
