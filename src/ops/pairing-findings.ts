import type { Finding } from "../core/finding.ts";
import type { TenantId } from "../core/ids.ts";
import type { Records } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";

/** Who waits to be let in, by account. */
export async function pairingFindings(records: Pick<Records, "pairings">, tenant: TenantId, now: Instant): Promise<Finding[]> {
  const asked = (await records.pairings(tenant, now)).filter(({ state }) => state === "asked");
  return [...Map.groupBy(asked, ({ account }) => account)].map(([account, of]) => ({
    ...({ code: "pairing-waiting", severity: "warning", subject: `accounts.${account}.pairing` } as const),
    message: `${of.length} ${of.length === 1 ? "person asks" : "people ask"} to be let in to the account ${account}.`,
    hint: "`polylogue pairing list` shows them. Approve only a code that the person told you: `polylogue pairing approve <code>`.",
  }));
}
