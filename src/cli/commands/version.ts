import type { Command } from "commander";
import { done } from "../outcome.ts";
import type { Run } from "../run.ts";

export function versionCommand(program: Command, run: Run): void {
  program
    .command("version")
    .description("print the versions of polylogue and of the Node that runs it")
    .action(() =>
      run(async ({ version }) =>
        done(
          { version, node: process.version, platform: `${process.platform}-${process.arch}` },
          `polylogue ${version} (Node ${process.version})`,
        ),
      ),
    );
}
