import type { Command } from "commander";
import type { Finding } from "../../core/finding.ts";
import type { Check } from "../checks/check.ts";
import { checkEngine } from "../checks/engine.ts";
import { checkHost } from "../checks/host.ts";
import { checkPlatforms } from "../checks/platforms.ts";
import { checkStore } from "../checks/store.ts";
import type { CommandDoor } from "../door.ts";
import { looking, type Opened } from "../open.ts";
import { findingJson, type Outcome, showFinding } from "../outcome.ts";
import type { Run } from "../run.ts";

export function doctorCommand(program: Command, run: Run): void {
  program
    .command("doctor")
    .description("look at everything and say what to do; exit code 1 when there are findings")
    .option("--offline", "ask no platform and no provider")
    .action((options: { offline?: boolean }) => run((door) => looking(door, (opened) => examine(door, opened, options.offline === true))));
}

async function examine(door: CommandDoor, opened: Opened, offline: boolean): Promise<Outcome> {
  const { loaded } = opened;
  const configuration: Check = {
    name: "configuration",
    detail: `${loaded.configuration.accounts.size} accounts, ${loaded.configuration.providers.size} providers, ${loaded.configuration.agents.size} agents`,
    findings: loaded.findings,
  };
  const checks = [
    ...(await checkHost(door, loaded)),
    configuration,
    ...(await checkStore(door, opened)),
    ...(await checkEngine(door)),
    ...(offline ? [] : await checkPlatforms(door, loaded)),
  ];
  const findings = checks.flatMap((check) => check.findings);
  const lines = checks.flatMap((check) => [
    `${check.findings.length === 0 ? "✓" : "•"} ${check.name}: ${check.detail}`,
    ...check.findings.map(indented),
  ]);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const end = findings.length === 0 ? "Nothing to do." : `${errors} errors, ${findings.length - errors} warnings.`;
  return {
    exit: findings.length === 0 ? 0 : 1,
    json: {
      ok: findings.length === 0,
      findings: findings.map(findingJson),
      checks: checks.map(({ name, detail, findings: own }) => ({ name, detail, findings: own.length })),
    },
    text: [...lines, offline ? `${end} Platforms and providers were not asked.` : end].join("\n"),
  };
}

function indented(finding: Finding): string {
  return showFinding(finding)
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
