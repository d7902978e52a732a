import type { Command } from "commander";
import { done, type Outcome, refused } from "../outcome.ts";
import type { Run } from "../run.ts";

export function storeCommand(program: Command, run: Run): void {
  const store = program.command("store").description("where everything that lasts is kept");
  store
    .command("prepare")
    .description("make the store, or bring its schema up to date, and end: what a start does first")
    .action(() =>
      run(async (door): Promise<Outcome> => {
        const result = await door.openStore();
        if (!result.ok) return refused(result.fault);
        await result.value.close();
        return done({ store: door.store.shown }, `${door.store.shown} is up to date.`);
      }),
    );
}
