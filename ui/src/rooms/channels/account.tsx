import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import Pause from "lucide-react/icons/pause";
import Play from "lucide-react/icons/play";
import Plug from "lucide-react/icons/plug";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { accountsQuery, channelsQuery, meQuery } from "../../api/queries.ts";
import { Back } from "../../parts/back.tsx";
import { Button, buttonLook } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { atLeast } from "../../shell/roles.ts";
import { words } from "../../words/words.ts";
import { Abilities } from "./abilities.tsx";
import { StateOf, WebhookAddress } from "./account-facts.tsx";
import { ChangeAccount } from "./change-account.tsx";
import { Pairings } from "./pairings.tsx";
import { TestMessage } from "./test-message.tsx";

type Account = Schemas["Account"];

/** One account: how it is, its settings, a test message. */
export function AccountRoom() {
  const { id } = useParams({ from: "/inside/channels/$id" });
  const accounts = useQuery(accountsQuery);
  const channels = useQuery(channelsQuery);
  const { data: me } = useSuspenseQuery(meQuery);
  const account = accounts.data?.find((each) => each.id === id);
  const channel = channels.data?.find(({ kind }) => kind === account?.channel);
  return (
    <Page
      title={id}
      lead={channel?.name ?? account?.channel}
      back={<Back to="/channels">{words.rooms.channels}</Back>}
      actions={account && atLeast(me.role, "operator") && <Actions account={account} role={me.role} />}
      width="narrow"
    >
      {accounts.isPending && <SkeletonRows rows={4} />}
      {accounts.error && !accounts.data && <Failed error={accounts.error} retry={() => void accounts.refetch()} />}
      {accounts.data && !account && (
        <Empty
          icon={<Plug />}
          title={words.channels.unknownAccount(id)}
          actions={
            <Link to="/channels" className={buttonLook({})}>
              {words.rooms.channels}
            </Link>
          }
        />
      )}
      {account && (
        <>
          <Section>
            <div className="grid gap-4">
              <StateOf account={account} />
              {(channel?.can.webhook || account.webhookUrl) && <WebhookAddress account={account} />}
            </div>
          </Section>
          {account.access?.direct === "pairing" && (
            <Section title={words.pairing.title}>
              <Pairings account={account.id} canDecide={atLeast(me.role, "operator")} />
            </Section>
          )}
          {atLeast(me.role, "operator") && (
            <Section title={words.channels.testMessage}>
              <TestMessage account={account} />
            </Section>
          )}
          {channel && (
            <Section title={words.channels.abilities}>
              <Abilities channel={channel} />
            </Section>
          )}
          {channel && atLeast(me.role, "admin") && <ChangeAccount key={account.id} account={account} channel={channel} />}
        </>
      )}
    </Page>
  );
}

function Actions({ account, role }: { readonly account: Account; readonly role: Schemas["Role"] }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const paused = account.state === "paused";
  const params = { path: { id: account.id } };
  const toggle = useMutation({
    mutationFn: () => take(paused ? api.POST("/api/accounts/{id}/resume", { params }) : api.POST("/api/accounts/{id}/pause", { params })),
    onSuccess: () => say(paused ? words.channels.resumed : words.channels.paused),
    onError: sayFault,
    onSettled: () => cache.invalidateQueries(accountsQuery),
  });
  const remove = async () => {
    await take(api.DELETE("/api/accounts/{id}", { params }));
    await navigate({ to: "/channels", ignoreBlocker: true });
    await cache.invalidateQueries(accountsQuery);
    say(words.channels.removed(account.id));
  };
  return (
    <>
      <Button busy={toggle.isPending} onClick={() => toggle.mutate()}>
        {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
        {paused ? words.channels.resume : words.channels.pause}
      </Button>
      {account.source === "app" && atLeast(role, "admin") && (
        <Button look="danger" onClick={() => setAsking(true)}>
          <Trash2 aria-hidden />
          {words.channels.remove}
        </Button>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={words.channels.removeTitle(account.id)}
        act={words.channels.remove}
        onConfirm={remove}
      >
        {words.channels.removeText}
      </Confirm>
    </>
  );
}
