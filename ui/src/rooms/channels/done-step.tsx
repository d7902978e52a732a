import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { accountsQuery } from "../../api/queries.ts";
import { buttonLook } from "../../parts/button.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { words } from "../../words/words.ts";
import { StateOf, WebhookAddress } from "./account-facts.tsx";
import { TestMessage } from "./test-message.tsx";

/** Saved: where the platform must send to, whether it runs, and a first message. */
export function DoneStep({ account: saved, channel }: { readonly account: Schemas["Account"]; readonly channel: Schemas["ChannelKind"] }) {
  const { data } = useQuery(accountsQuery);
  const account = data?.find(({ id }) => id === saved.id) ?? saved;
  return (
    <div className="grid max-w-2xl gap-5">
      <Notice tone="good" live title={words.channels.saved(account.id)}>
        {words.channels.savedHint}
      </Notice>
      <Section title={words.channels.state}>
        <div className="grid gap-4">
          <StateOf account={account} />
          {channel.can.webhook && <WebhookAddress account={account} />}
        </div>
      </Section>
      <Section title={words.channels.testMessage}>
        <TestMessage account={account} />
      </Section>
      <div className="flex flex-wrap gap-2">
        <Link to="/channels/$id" params={{ id: account.id }} className={buttonLook({ look: "primary" })}>
          {words.channels.openAccount}
        </Link>
        <Link to="/" search={{ account: account.id }} className={buttonLook({})}>
          {words.channels.watchFlow}
        </Link>
      </div>
    </div>
  );
}
