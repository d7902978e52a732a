import { defaultTenant } from "../../src/core/ids.ts";
import { openSqliteStore } from "../../src/stores/sqlite.ts";
import { createVault } from "../../src/vault/vault.ts";

// Makes new master keys for the data folder of its first argument, one after the other, until it is killed.
const home = process.argv[2] as string;
const opened = await openSqliteStore({ file: `${home}/polylogue.db`, role: "guest" });
if (!opened.ok) throw new Error(opened.fault.message);
const { records } = opened.value;
const vault = createVault({ home, environment: {}, keychain: async () => "none here", tenant: defaultTenant, clock: Date, records });
for (;;) {
  const rotated = await vault.rotateMasterKey("test");
  if (!rotated.ok) throw new Error(rotated.fault.message);
  process.stdout.write(".");
}
