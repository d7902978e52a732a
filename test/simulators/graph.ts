import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { wholeBody } from "./body.ts";

/** What the next send meets: a refusal of the platform's, somebody's answer in between, or a cut, before or after the effect. */
export type GraphTrouble =
  | { readonly kind: "refuse"; readonly status: number; readonly code: number; readonly subcode?: number; readonly retryAfter?: number }
  | { readonly kind: "proxy"; readonly status: number; readonly after?: boolean }
  | { readonly kind: "cut"; readonly after?: boolean };

export interface GraphRequest {
  readonly method: string;
  /** Path behind the version, and query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly json: Readonly<Record<string, unknown>>;
}

export type GraphAnswer = readonly [status: number, body: unknown];

/** What the three platforms have in common: the token, errors of one form, signed webhooks that come again until they get a 200. */
export abstract class GraphSimulator {
  readonly accessToken = "EAAG-test_token.0123456789|abcdefghijklmnop";
  readonly appSecret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
  readonly verifyToken = "a-word-of-ours-4711";
  /** Where webhooks go; nothing is posted while it is empty. */
  requestUrl = "";
  /** Calls that break what is published. */
  readonly violations: string[] = [];
  readonly calls: string[] = [];
  readonly #troubles: GraphTrouble[] = [];
  readonly #closed = new AbortController();
  readonly #posts = new Set<Promise<void>>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #revoked = false;

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.origin}/v25.0`;
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all(this.#posts);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  arrange(trouble: GraphTrouble): void {
    this.#troubles.push(trouble);
  }

  revoke(): void {
    this.#revoked = true;
  }

  signed(body: string): Record<string, string> {
    const signature = createHmac("sha256", this.appSecret).update(body).digest("hex");
    return { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` };
  }

  /** Posts it until it is taken, as Meta does for some days. */
  post(payload: object): void {
    const body = JSON.stringify(payload);
    const posting = (async () => {
      while (!this.#closed.signal.aborted) {
        const { requestUrl: url } = this;
        const taken = url
          ? await fetch(url, { method: "POST", headers: this.signed(body), body, signal: this.#closed.signal }).catch(() => undefined)
          : undefined;
        if (taken?.status === 200) return;
        await wait(20, undefined, { signal: this.#closed.signal }).catch(() => {});
      }
    })();
    this.#posts.add(posting);
    void posting.finally(() => this.#posts.delete(posting));
  }

  /** Resolves once all that was posted so far is taken. */
  async taken(): Promise<void> {
    await Promise.all(this.#posts);
  }

  protected fail(status: number, code: number, message: string, subcode?: number): GraphAnswer {
    const error = { message: `(#${code}) ${message}`, type: "OAuthException", code, fbtrace_id: "AbCdEf" };
    return [status, { error: { ...error, ...(subcode === undefined ? {} : { error_subcode: subcode }) } }];
  }

  /** Whether it is a call that shows something to people. */
  protected abstract isSend(request: GraphRequest): boolean;

  /** Acts on a call whose token is right. */
  protected abstract act(request: GraphRequest): GraphAnswer | Promise<GraphAnswer>;

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await wholeBody(incoming);
    if (!body) return;
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://localhost");
    const method = incoming.method ?? "";
    const path = pathname.replace(/^\/v25\.0(?=\/)/, "");
    const type = incoming.headers["content-type"] ?? "";
    const json = type === "application/json" && body.length > 0 ? (JSON.parse(body.toString()) as Record<string, unknown>) : {};
    const request: GraphRequest = { method, path, query: searchParams, headers: incoming.headers, body, json };
    this.calls.push(`${method} ${path}`);
    const trouble = this.isSend(request) ? this.#troubles.shift() : undefined;
    if (trouble?.kind === "cut" && !trouble.after) return void response.destroy();
    if (trouble?.kind === "proxy" && !trouble.after) return void response.writeHead(trouble.status).end("<html>proxy</html>");
    if (trouble?.kind === "refuse") {
      const after = trouble.retryAfter === undefined ? {} : { "retry-after": String(trouble.retryAfter) };
      return answer(response, this.fail(trouble.status, trouble.code, "arranged", trouble.subcode), after);
    }
    const allowed = !this.#revoked && incoming.headers.authorization === `Bearer ${this.accessToken}`;
    const result = allowed ? await this.act(request) : this.fail(401, 190, "Invalid OAuth access token");
    if (trouble?.kind === "cut") return void response.destroy();
    if (trouble?.kind === "proxy") return void response.writeHead(trouble.status).end("<html>proxy</html>");
    answer(response, result);
  }
}

function answer(response: ServerResponse, [status, body]: GraphAnswer, headers: Readonly<Record<string, string>> = {}): void {
  if (Buffer.isBuffer(body)) return void response.writeHead(status).end(body);
  response.writeHead(status, { "content-type": "application/json; charset=UTF-8", ...headers }).end(JSON.stringify(body));
}
