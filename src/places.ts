import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Environment } from "./config/sources.ts";

/** Where things lie in the data folder. */
export function dataFolder(environment: Environment): string {
  return resolve(environment.POLYLOGUE_HOME || join(homedir(), ".polylogue"));
}

export function storeFile(home: string): string {
  return join(home, "polylogue.db");
}

/** An index: it may be deleted. */
export function knowledgeFile(home: string): string {
  return join(home, "knowledge.db");
}

export function packagesFolder(home: string): string {
  return join(home, "packages");
}

export function filesFolder(home: string): string {
  return join(home, "files");
}

/** `POLYLOGUE_BACKUPS` where it isn't a folder of the data folder: several gateways may share it. */
export function backupsFolder(home: string, { POLYLOGUE_BACKUPS: folder }: Environment): string {
  return folder ? resolve(folder) : join(home, "backups");
}
