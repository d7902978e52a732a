import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** Where a command reads and writes. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether a person sits at the input. */
  readonly interactive: boolean;
  /** Everything on standard input, up to the limit in bytes; nothing when there is more. */
  readAll(maxBytes: number): Promise<string | undefined>;
  /** A line that the person types; nothing when they end the input. */
  ask(question: string): Promise<string | undefined>;
  /** The same without showing what is typed. */
  askHidden(question: string): Promise<string | undefined>;
}

export function processTerminal(): Terminal {
  // `polylogue … | head`: who reads no further doesn't want an error either.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stdin.isTTY === true,
    async readAll(maxBytes) {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length > maxBytes) return undefined;
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString("utf8");
    },
    ask: (question) => ask(question, false),
    askHidden: (question) => ask(question, true),
  };
}

/** Questions go to standard error, so that standard output holds the result alone. */
function ask(question: string, hidden: boolean): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: hidden ? nowhere : process.stderr,
    terminal: process.stdin.isTTY === true,
  });
  lines.once("line", (line) => {
    resolve(line);
    lines.close();
  });
  lines.once("SIGINT", () => lines.close());
  lines.once("close", () => {
    if (hidden) process.stderr.write("\n");
    resolve(undefined);
  });
  return promise;
}
