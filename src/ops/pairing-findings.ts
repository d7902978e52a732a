import { finding, type SaidFinding } from "../core/finding.ts";
import type { TenantId } from "../core/ids.ts";
import type { Records } from "../core/records.ts";
import { say } from "../core/say.ts";
import type { Instant } from "../core/terms.ts";

/** Who waits to be let in, by account. */
export async function pairingFindings(records: Pick<Records, "pairings">, tenant: TenantId, now: Instant): Promise<SaidFinding[]> {
  const asked = (await records.pairings(tenant, now)).filter(({ state }) => state === "asked");
  return [...Map.groupBy(asked, ({ account }) => account)].map(([account, { length: n }]) =>
    finding(
      { code: "pairing-waiting", severity: "warning", subject: `accounts.${account}.pairing` },
      n === 1
        ? say`${n} person asks to be let in to the account ${account}.`
        : say`${n} people ask to be let in to the account ${account}.`,
      say`\`polylogue pairing list\` shows them. Approve only a code that the person told you: \`polylogue pairing approve <code>\`.`,
    ),
  );
}
