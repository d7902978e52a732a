import type { Command } from "commander";
import { writeBackup } from "../../ops/backup.ts";
import { actor, looking, tenant } from "../open.ts";
import { done, refuse, refused } from "../outcome.ts";
import type { Run } from "../run.ts";

export function backupCommand(program: Command, run: Run): void {
  program
    .command("backup")
    .description("copy everything but the master key into a new folder, also while the gateway runs")
    .argument("<folder>", "a folder that doesn't exist yet")
    .action((folder: string) =>
      run((door) =>
        looking(door, async ({ store, fault }) => {
          if (fault) return refused(fault);
          if (!store)
            return refuse("not-found", `There is nothing to back up in ${door.home}.`, "Start the gateway first, or set POLYLOGUE_HOME.");
          const written = await writeBackup(door, store, folder);
          if (!written.ok && written.fault.code === "request-invalid")
            return refused(written.fault, "Name a folder that doesn't exist yet.");
          if (!written.ok) return refused(written.fault);
          const { manifest, path } = written.value;
          await store.records.audit({ tenant, at: door.clock.now(), actor, action: "backup-make", subject: path });
          const files = manifest.files.length;
          return done(
            { folder: path, files, bytes: written.value.bytes, messages: manifest.messages },
            `Saved ${manifest.messages} messages and ${files} files (${Math.ceil(written.value.bytes / 2 ** 20)} MB) in ${path}. The vault's master key isn't in it: keep that apart, without it the secrets stay sealed.`,
          );
        }),
      ),
    );
}
