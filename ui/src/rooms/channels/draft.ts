import type { Schemas } from "../../api/client.ts";
import type { SettingValues } from "./setting-fields.ts";

/** What the steps of adding an account hand on. Going back keeps what was typed. */
export interface Draft {
  readonly values: SettingValues;
  readonly settings: { readonly [key: string]: unknown };
  /** From the last connection test with these very settings. */
  readonly identity?: Schemas["Identity"];
}
