import type { Unsent } from "./chat-state.ts";

/** What of a chat outlives a reload: the visitor's token and what wasn't sent. Each operator has a chat of his own. */
export class ChatMemory {
  readonly account: string;
  readonly #prefix: string;

  constructor(account: string, operator: string) {
    this.account = account;
    this.#prefix = `polylogue-chat.${operator}.${account}`;
  }

  token(): string | undefined {
    return read(`${this.#prefix}.token`);
  }

  keepToken(token: string): void {
    write(`${this.#prefix}.token`, token);
  }

  unsent(): readonly Unsent[] {
    try {
      const kept = JSON.parse(read(`${this.#prefix}.unsent`) ?? "[]") as Unsent[];
      return kept.map((each) => (each.state === "sending" ? { ...each, state: "waiting" } : each));
    } catch {
      return [];
    }
  }

  keepUnsent(unsent: readonly Unsent[]): void {
    write(`${this.#prefix}.unsent`, unsent.length > 0 ? JSON.stringify(unsent) : undefined);
  }

  forget(): void {
    write(`${this.#prefix}.token`, undefined);
    write(`${this.#prefix}.unsent`, undefined);
  }
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is forbidden or full: the chat lasts as long as the page.
  }
}
