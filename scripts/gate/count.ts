import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

/** What a run of `node --test` came to. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  /** Place, name and reason of each test that failed: what a long log is searched for. */
  readonly failures: readonly string[];
  /** Name and reason of each test that was skipped or is marked as still to be done. */
  readonly skipped: readonly string[];
}

/** Characters of a reason that are kept. */
const reasonLength = 3_000;

/** A reporter for `node --test` (https://nodejs.org/api/test.html#custom-reporters): the counts as JSON. */
export default async function* count(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let passed = 0;
  let failed = 0;
  const failures: string[] = [];
  const skipped: string[] = [];
  for await (const event of events) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { name, skip, todo, details } = event.data;
    if (event.type === "test:fail" && !aboutOthers(event.data)) failures.push(failureOf(event.data));
    const aside = skip ?? todo;
    if (aside !== undefined && aside !== false) skipped.push(`${name}: ${aside === true || aside === "" ? "no reason given" : aside}`);
    else if (details.type === "suite") continue;
    else if (event.type === "test:pass") passed++;
    else failed++;
  }
  yield JSON.stringify({ passed, failed, failures, skipped } satisfies TestCount);
}

type Failure = Extract<TestEvent, { type: "test:fail" }>["data"];

/** It failed because of tests in it, which are told of themselves. */
function aboutOthers({ details, todo }: Failure): boolean {
  const { failureType } = details.error as { failureType?: string };
  return failureType === "subtestsFailed" || (todo !== undefined && todo !== false);
}

function failureOf({ file, line, name, details }: Failure): string {
  const reason = inspect(details.error.cause ?? details.error).slice(0, reasonLength);
  return `${relative(process.cwd(), file ?? "")}:${line ?? "?"} ${name}\n${reason.replaceAll(/^/gm, "  ")}`;
}
