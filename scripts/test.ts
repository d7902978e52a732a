import { checks } from "./gate/checks.ts";
import { bring, chromium, scenarioNeeds } from "./gate/needs.ts";
import { type Outcome, testStep } from "./gate/steps.ts";
import { testFiles } from "./gate/tests.ts";
import { conclude } from "./gate/verdict.ts";

/** Everything that can be tested here, in the order in which it is quickest to know of a mistake. */
const files = testFiles();
const outcomes: Outcome[] = [...(await checks())];
outcomes.push(await testStep("contract tests", files.contract, { together: 2, timeoutMs: 180_000 }));
const env: Record<string, string> = {};
for (const need of scenarioNeeds) Object.assign(env, await bring(need));
outcomes.push(await testStep("scenario tests", files.scenario, { env, together: 1, timeoutMs: 1_800_000 }));
outcomes.push(await browserTests());
conclude(outcomes);

async function browserTests(): Promise<Outcome> {
  const name = "browser tests";
  if (files.browser.length === 0) return { name, ok: true };
  const env = await bring(chromium);
  if (!env) return { name, ok: true, left: `there is no ${chromium.name}: ${chromium.how}` };
  return testStep(name, files.browser, { env, together: 1, timeoutMs: 600_000 });
}
