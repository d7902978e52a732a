import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import UserRoundPlus from "lucide-react/icons/user-round-plus";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { accountsQuery, channelsQuery, meQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { atLeast } from "../../shell/roles.ts";
import { senderName } from "../../words/names.ts";
import { words } from "../../words/words.ts";
import { readFields } from "../channels/setting-fields.ts";

type Trace = Schemas["Trace"];

/** What the account's list of allowed people or groups lacks, if that is why there was no reply. */
function lackOf({ entries, messages, conversation }: Trace): { readonly allow: string } | { readonly groups: string } | undefined {
  const reason = entries.findLast(({ stage }) => stage === "ignored")?.reason;
  const sender = messages.find(({ direction }) => direction === "in")?.sender;
  if (reason === "sender-not-allowed" && sender) return { allow: sender.id };
  return reason === "group-not-allowed" ? { groups: conversation.chat.id } : undefined;
}

/** The way in for somebody who wasn't allowed: adds the platform's own id to the account's list. */
export function LetIn({ trace }: { readonly trace: Trace }) {
  const { data: me } = useSuspenseQuery(meQuery);
  const lack = lackOf(trace);
  const wanted = lack !== undefined && atLeast(me.role, "admin");
  const accounts = useQuery({ ...accountsQuery, enabled: wanted });
  const channels = useQuery({ ...channelsQuery, enabled: wanted });
  const account = accounts.data?.find(({ id }) => id === trace.conversation.account);
  const channel = channels.data?.find(({ kind }) => kind === account?.channel);
  const add = useMutation({
    mutationFn: async (change: { account: Schemas["Account"]; channel: Schemas["ChannelKind"]; access: Schemas["Access"] }) => {
      const secrets = new Set(readFields(change.channel.settings).flatMap(({ kind, key }) => (kind === "secret" ? [key] : [])));
      // A secret that is left out keeps its value.
      const settings = Object.fromEntries(Object.entries(change.account.settings).filter(([key]) => !secrets.has(key)));
      const { id, streaming, onUnknown } = change.account;
      const kept = { ...(streaming !== undefined && { streaming }), ...(onUnknown && { onUnknown }) };
      return take(api.PUT("/api/accounts/{id}", { params: { path: { id } }, body: { settings, access: change.access, ...kept } }));
    },
    onSuccess: () => {
      say(words.trace.letInDone);
      return cache.invalidateQueries(accountsQuery);
    },
    onError: sayFault,
  });

  if (!lack || !account?.access || account.source !== "app" || !channel) return null;
  const { access } = account;
  const isIn = "allow" in lack ? access.allow.includes(lack.allow) : access.groups.includes(lack.groups);
  if (isIn) return <p>{words.trace.letInAlready}</p>;
  const changed =
    "allow" in lack ? { ...access, allow: [...access.allow, lack.allow] } : { ...access, groups: [...access.groups, lack.groups] };
  const sender = trace.messages.find(({ direction }) => direction === "in")?.sender;
  return (
    <Button size="small" busy={add.isPending} onClick={() => add.mutate({ account, channel, access: changed })}>
      <UserRoundPlus aria-hidden />
      {"allow" in lack ? words.trace.letIn(`${senderName(sender?.name ?? sender?.handle)} (${lack.allow})`) : words.trace.letInGroup}
    </Button>
  );
}
