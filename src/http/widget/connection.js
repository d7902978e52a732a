/** A refusal of the gateway: its code, its sentence, and whether the same can succeed later. */
export class Refusal extends Error {
  constructor(status, code, message, waitMs) {
    super(message);
    this.status = status;
    this.code = code;
    this.waitMs = waitMs;
    this.retryable = status === 429 || status === 408 || status >= 500;
  }
}

/** The visitor's line to the gateway: a token kept in this browser, requests, and the live stream with its reconnecting. */
export class Connection {
  #root;
  #slot;
  #visiting;
  token;
  /** Names that the gateway gave: title, greeting. */
  about = {};

  constructor(root, account) {
    this.#root = `${root}/chat/${encodeURIComponent(account)}`;
    this.#slot = `polylogue ${root} ${account}`;
    this.token = recall(this.#slot);
  }

  /** Gets a token, or a fresh one for the same visitor. */
  async visit() {
    this.#visiting ??= this.#visit().finally(() => {
      this.#visiting = undefined;
    });
    return this.#visiting;
  }

  async #visit() {
    const answer = await this.#fetch("/visit", { method: "POST" });
    const { token, ...about } = await answer.json();
    this.token = token;
    this.about = about;
    keep(this.#slot, token);
  }

  async get(path) {
    return (await this.#asVisitor(path, {})).json();
  }

  async post(path, body) {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    return (await this.#asVisitor(path, init)).json();
  }

  /** Reads live events until the signal aborts, again and again. `fresh` is called after each connecting. */
  async follow(hear, { fresh, lost, signal }) {
    for (let failures = 0; !signal.aborted; ) {
      try {
        const answer = await this.#asVisitor("/events", { signal, headers: { accept: "text/event-stream" } });
        await fresh();
        failures = 0;
        await readEvents(answer.body, hear);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refusal && !error.retryable) {
          lost(error);
          return;
        }
        failures++;
        if (failures > 1) lost(error);
        await pause(Math.max(error.waitMs ?? 0, Math.min(30_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2)), signal);
      }
    }
  }

  async #asVisitor(path, init) {
    if (this.token === undefined) await this.visit();
    try {
      return await this.#fetch(path, init);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) throw error;
      await this.visit();
      return this.#fetch(path, init);
    }
  }

  async #fetch(path, init) {
    const headers = { ...init.headers, ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }) };
    const answer = await fetch(this.#root + path, {
      ...init,
      headers,
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    if (answer.ok) return answer;
    const { error = {} } = await answer.json().catch(() => ({}));
    const seconds = Number(answer.headers.get("retry-after") ?? 0);
    throw new Refusal(answer.status, error.code ?? "unknown", error.message ?? `status ${answer.status}`, seconds * 1000);
  }
}

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
async function readEvents(body, hear) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = block.split("\n").map((line) => line.split(/: ?/, 1).concat(line.slice(line.indexOf(":") + 1).replace(/^ /, "")));
      const type = fields.find(([name]) => name === "event")?.[1];
      const data = fields
        .filter(([name]) => name === "data")
        .map(([, text]) => text)
        .join("\n");
      if (type !== undefined) hear(type, JSON.parse(data));
    }
  }
}

/** Resolves after `ms`, on abort, or as soon as the browser is online again. */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
    signal?.addEventListener("abort", end);
  });
}

/** Storage may be switched off: then the chat lasts as long as the page. */
function recall(slot) {
  try {
    return localStorage.getItem(slot) ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(slot, token) {
  try {
    localStorage.setItem(slot, token);
  } catch {}
}
