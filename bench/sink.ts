/**
 * Takes deliveries, in a process of its own, and tells the one that started it which came when. The n of `#n#` in a body
 * says which message it answers; an answer whose last word isn't there is told of as -1.
 */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { now } from "./load/now.ts";

/** Numbers and times alternate: n, at, n, at … */
export type Arrivals = readonly number[];

/** What every model of the benchmark ends its answers with. */
export const lastWord = " word49";

if (import.meta.main) {
  let arrivals: number[] = [];
  const tell = () => {
    process.send?.(arrivals);
    arrivals = [];
  };
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      response.writeHead(200, { "content-type": "application/json", "content-length": 13 }).end('{"id":"sink"}');
      // A HEAD asks whether we are there.
      if (request.method !== "POST") return;
      const n = body.includes(lastWord) ? Number(/#(\d+)#/.exec(body)?.[1] ?? -1) : -1;
      if (arrivals.push(n, now()) === 2) setTimeout(tell, 5);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  process.once("disconnect", () => process.exit());
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in` });
}
