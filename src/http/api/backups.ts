import { actorName } from "../../access/actor.ts";
import { ok } from "../../core/errors.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";

type Names = "backups" | "backupPlace" | "makeBackup" | "checkBackup" | "removeBackup" | "downloadBackup";

export function backupOperations({ backups }: Pick<HttpDoor, "backups">): Operations<Names> {
  return {
    backups: async () => ok(await backups.list()),
    backupPlace: async () => ok(backups.place),
    makeBackup: ({ actor }) => backups.make(actorName(actor)),
    checkBackup: ({ params }) => backups.check(params.id),
    removeBackup: async ({ actor, params }) => {
      const removed = await backups.remove(params.id, actorName(actor));
      return removed.ok ? ok({ ok: true }) : removed;
    },
    downloadBackup: async ({ actor, params }) => {
      const found = await backups.download(params.id, actorName(actor));
      if (!found.ok) return found;
      const headers = {
        "content-type": "application/x-tar",
        "content-disposition": `attachment; filename="${found.value.name}"`,
        "cache-control": "no-store",
      };
      return ok(new Response(found.value.tar, { headers }));
    },
  };
}
