import { checks } from "./gate/checks.ts";
import { bring, chromium, ircServers, mailServers, strace, synapse } from "./gate/needs.ts";
import { type Outcome, testStep } from "./gate/steps.ts";
import { testFiles } from "./gate/tests.ts";
import { conclude } from "./gate/verdict.ts";

/** Everything that can be tested here, in the order in which it is quickest to know of a mistake. */
const files = testFiles();
const outcomes: Outcome[] = [...(await checks())];
outcomes.push(await testStep("contract tests", files.contract, { together: 2, timeoutMs: 180_000 }));
// Without them the tests that need them are skipped, and say why.
const env = { ...(await bring(strace)), ...(await bring(mailServers)), ...(await bring(ircServers)), ...(await bring(synapse)) };
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
