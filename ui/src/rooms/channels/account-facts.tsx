import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { CopyField } from "../../parts/copy.tsx";
import { Notice } from "../../parts/notice.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { Ago } from "../../parts/time.tsx";
import { words } from "../../words/words.ts";
import { accountTone } from "./account-words.ts";

type Account = Schemas["Account"];

/** How the account is, who it is on the platform, and when it last answered. */
export function StateOf({ account }: { readonly account: Account }) {
  return (
    <div className="grid gap-3">
      <dl className="grid gap-x-8 gap-y-3 sm:grid-cols-3">
        <Fact label={words.channels.state}>
          <StateBadge tone={accountTone[account.state]}>{words.accountStates[account.state]}</StateBadge>
        </Fact>
        <Fact label={words.channels.identity}>{account.identity?.name ?? words.channels.unknownIdentity}</Fact>
        <Fact label={words.channels.alive}>{account.aliveAt ? <Ago at={account.aliveAt} /> : words.channels.neverAlive}</Fact>
      </dl>
      {account.fault && (
        <Notice tone={account.state === "refused" ? "bad" : "warn"} title={account.fault.message}>
          {account.fault.hint}
        </Notice>
      )}
    </div>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="grid content-start gap-0.5">
      <dt className="text-faint text-meta">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The address that the platform must be given, where it is the one that calls. */
export function WebhookAddress({ account }: { readonly account: Account }) {
  return (
    <div className="grid gap-3">
      {account.webhookUrl ? (
        <div className="grid gap-1">
          <span className="text-faint text-meta">{words.channels.webhook}</span>
          <CopyField value={account.webhookUrl} label={words.states.copyOf(words.channels.webhook)} className="justify-self-start" />
        </div>
      ) : (
        <p className="text-row text-soft">{words.channels.noWebhook}</p>
      )}
      <Calls webhook={account.webhook} />
    </div>
  );
}

/** Whether the platform calls the address, and proves that it is the platform. */
function Calls({ webhook }: { readonly webhook: Account["webhook"] }) {
  const { verifiedAt, refused } = webhook ?? {};
  return (
    <>
      {verifiedAt !== undefined ? (
        <p className="text-row">
          <StateBadge tone="good">{words.channels.webhookVerified}</StateBadge>{" "}
          <span className="text-faint">
            <Ago at={verifiedAt} />
          </span>
        </p>
      ) : (
        !refused && <StateBadge tone="calm">{words.channels.webhookSilent}</StateBadge>
      )}
      {refused && (
        <Notice
          tone={verifiedAt !== undefined && verifiedAt > refused.at ? "info" : "bad"}
          title={words.channels.webhookRefused(refused.fault.message)}
        >
          {refused.fault.hint} <Ago at={refused.at} />
        </Notice>
      )}
    </>
  );
}
