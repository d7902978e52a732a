import { type Command, InvalidArgumentError } from "commander";
import type { StartOptions } from "../door.ts";
import { type Outcome, refuse } from "../outcome.ts";
import type { Run } from "../run.ts";

export function startCommand(program: Command, run: Run): void {
  program
    .command("start")
    .description("run the gateway until it is told to stop (SIGTERM, SIGINT)")
    .option("--port <number>", "TCP port; default POLYLOGUE_PORT or 8501, 0 takes a free one", port)
    .option("--host <address>", "address to listen on; default POLYLOGUE_HOST or 127.0.0.1")
    .action((options: StartOptions) =>
      run(async (door): Promise<Outcome> => {
        const asked = door.environment.POLYLOGUE_PORT;
        if (options.port === undefined && asked && !isPort(asked))
          return refuse(
            "usage",
            `POLYLOGUE_PORT must be a number from 0 to 65535; it is ${JSON.stringify(asked.slice(0, 40))}.`,
            "Correct it, or unset it for 8501.",
          );
        const code = await door.startGateway(options);
        return { exit: code === 0 ? 0 : 1, json: { exit: code }, text: "" };
      }),
    );
}

function port(text: string): number {
  if (!isPort(text)) throw new InvalidArgumentError("It must be a number from 0 to 65535.");
  return Number(text);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}
