import { rm, stat } from "node:fs/promises";
import { backup, DatabaseSync } from "node:sqlite";
import { FaultError, fault } from "../../core/errors.ts";
import type { Records } from "../../core/records.ts";
import { makePrivate, rejection } from "./database.ts";

/** A copy that is whole and consistent while the path goes on; a copy that doesn't check out is taken away again. */
export function backupRecords(database: DatabaseSync): Pick<Records, "backup"> {
  return {
    async backup(file) {
      try {
        makePrivate(file);
        await backup(database, file);
      } catch (thrown) {
        throw rejection(thrown);
      }
      const { check, messages } = look(file);
      if (check !== "ok") {
        await rm(file, { force: true });
        throw new FaultError(fault("store-unavailable", `The copy in ${file} is damaged (${check}).`));
      }
      return { bytes: (await stat(file)).size, messages };
    },
  };
}

function look(file: string): { check: string; messages: number } {
  const copy = new DatabaseSync(file, { readOnly: true });
  try {
    const check = copy.prepare("PRAGMA quick_check").get() as { quick_check: string };
    const { n } = copy.prepare("SELECT count(*) AS n FROM messages").get() as { n: number };
    return { check: check.quick_check, messages: n };
  } finally {
    copy.close();
  }
}
