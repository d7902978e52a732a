import { statfs } from "node:fs/promises";
import { finding, type SaidFinding } from "../core/finding.ts";
import { say } from "../core/say.ts";

const megabyte = 2 ** 20;

/** Megabytes that are free where the folder lies; nothing when nobody can say. */
export async function freeMegabytes(folder: string): Promise<number | undefined> {
  const disk = await statfs(folder).catch(() => undefined);
  return disk && Math.floor((disk.bavail * disk.bsize) / megabyte);
}

/** Room for what comes in, told of while there still is some. */
export function diskFindings(folder: string, free: number | undefined): SaidFinding[] {
  if (free === undefined || free >= 1024) return [];
  return [
    finding(
      { code: "disk-full", severity: free < 256 ? "error" : "warning", subject: folder },
      say`Only ${free} MB are free where ${folder} lies: when it is full, messages are refused.`,
      say`Make room, or move the folder and set POLYLOGUE_HOME.`,
    ),
  ];
}
