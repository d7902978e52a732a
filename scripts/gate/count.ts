import type { TestEvent } from "node:test/reporters";

/** What a run of `node --test` came to. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  /** Name and reason of each test that was skipped or is marked as still to be done. */
  readonly skipped: readonly string[];
}

/** A reporter for `node --test` (https://nodejs.org/api/test.html#custom-reporters): the counts as JSON. */
export default async function* count(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  for await (const event of events) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { name, skip, todo, details } = event.data;
    const aside = skip ?? todo;
    if (aside !== undefined && aside !== false) skipped.push(`${name}: ${aside === true || aside === "" ? "no reason given" : aside}`);
    else if (details.type === "suite") continue;
    else if (event.type === "test:pass") passed++;
    else failed++;
  }
  yield JSON.stringify({ passed, failed, skipped } satisfies TestCount);
}
