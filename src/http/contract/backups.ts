import { z } from "zod";
import { get, post, remove } from "../endpoint.ts";
import { Backup, BackupPlace } from "../schema/backup.ts";
import { Done } from "../schema/common.ts";

/** Copies of everything but the master key. */
export const backupsGroup = {
  backups: get("/api/backups", "admin", "Backups, the newest first; where each gateway has its own, those of the one that answers.", {
    answer: z.array(Backup),
  }),
  backupPlace: get("/api/backups/place", "admin", "Where backups lie.", { answer: BackupPlace }),
  makeBackup: post("/api/backups", "admin", "Makes a backup; answers when it is whole.", { answer: Backup, status: 201 }),
  checkBackup: post("/api/backups/{id}/check", "admin", "Reads all of a backup again and compares every file's hash.", { answer: Backup }),
  removeBackup: remove("/api/backups/{id}", "owner", "Removes a backup.", { answer: Done }),
  downloadBackup: get("/api/backups/{id}/download", "owner", "All of a backup as one tar file; `polylogue restore` takes it.", {
    media: "application/x-tar",
  }),
};
