import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The wall clock of one program, which others can set: what an administrator or a time server does to a whole machine. */
export interface SetClock extends AsyncDisposable {
  /** What the program is started with. */
  readonly env: Readonly<Record<string, string>>;
  /** So many seconds from the real time, for all its processes at once. What only grows isn't touched. */
  set(seconds: number): Promise<void>;
}

/** https://github.com/wolfcw/libfaketime */
function library(): string | undefined {
  const home = "/usr/lib";
  const folders = existsSync(home) ? readdirSync(home).filter((name) => name.endsWith("-linux-gnu")) : [];
  return folders.map((name) => join(home, name, "faketime", "libfaketimeMT.so.1")).find(existsSync);
}

/** Why there is none here; false where there is. */
export function setClockMissing(): string | false {
  return library() ? false : "libfaketime not installed (Debian, Ubuntu: apt-get install libfaketime)";
}

export async function startSetClock(): Promise<SetClock> {
  const folder = await mkdtemp(join(tmpdir(), "polylogue-clock-"));
  // The program may run as somebody else.
  await chmod(folder, 0o755);
  const file = join(folder, "offset");
  const set = async (seconds: number) => {
    // It never sees half a number.
    await writeFile(`${file}.new`, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}`);
    await rename(`${file}.new`, file);
  };
  await set(0);
  return {
    env: {
      ...{ LD_PRELOAD: library() ?? "", FAKETIME_TIMESTAMP_FILE: file },
      // One machine has one clock: no process of it may go on by the old time.
      ...{ FAKETIME_NO_CACHE: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1" },
    },
    set,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
