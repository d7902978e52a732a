import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import Plug from "lucide-react/icons/plug";
import Plus from "lucide-react/icons/plus";
import type { Schemas } from "../../api/client.ts";
import { accountsQuery, channelsQuery, meQuery } from "../../api/queries.ts";
import { buttonLook } from "../../parts/button.tsx";
import { Page } from "../../parts/page.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { atLeast } from "../../shell/roles.ts";
import { words } from "../../words/words.ts";
import { accountTone } from "./account-words.ts";
import { ChannelSign } from "./channel-sign.tsx";

/** The accounts that are configured, and how they are. */
export function Channels() {
  const accounts = useQuery(accountsQuery);
  const channels = useQuery(channelsQuery);
  const { data: me } = useSuspenseQuery(meQuery);
  const add = atLeast(me.role, "admin") && (
    <Link to="/channels/add" className={buttonLook({ look: "primary" })}>
      <Plus aria-hidden />
      {words.channels.add}
    </Link>
  );
  return (
    <Page title={words.rooms.channels} lead={words.channels.lead} actions={add}>
      {accounts.isPending && <SkeletonRows rows={3} />}
      {accounts.error && !accounts.data && <Failed error={accounts.error} retry={() => void accounts.refetch()} />}
      {accounts.data?.length === 0 && (
        <Empty icon={<Plug />} title={words.channels.none} actions={add}>
          {words.channels.noneHint}
        </Empty>
      )}
      {accounts.data && accounts.data.length > 0 && (
        <ul className="panel divide-y divide-line overflow-hidden">
          {accounts.data.map((account) => (
            <li key={account.id}>
              <Row account={account} name={channels.data?.find(({ kind }) => kind === account.channel)?.name ?? account.channel} />
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

function Row({ account, name }: { readonly account: Schemas["Account"]; readonly name: string }) {
  return (
    <Link
      to="/channels/$id"
      params={{ id: account.id }}
      className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3.5 gap-y-1 px-4 py-3.5 -outline-offset-2 hover:bg-hover"
    >
      <ChannelSign kind={account.channel} name={name} />
      <span className="min-w-0">
        <span className="block truncate font-medium">{account.id}</span>
        <span className="block truncate text-row text-soft">
          {name}
          {account.identity && ` · ${account.identity.name}`}
        </span>
      </span>
      <span className="text-right">
        <StateBadge tone={accountTone[account.state]}>{words.accountStates[account.state]}</StateBadge>
        <span className="block text-faint text-meta">{account.aliveAt ? <Ago at={account.aliveAt} /> : words.channels.neverAlive}</span>
      </span>
      {account.fault && <span className="col-span-2 col-start-2 text-bad text-row">{account.fault.message}</span>}
    </Link>
  );
}
