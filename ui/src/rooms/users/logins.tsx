import { useMutation, useQuery } from "@tanstack/react-query";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Section } from "../../parts/page.tsx";
import { Tag } from "../../parts/state-badge.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";
import { browserName } from "./browser-name.ts";
import { loginsQuery, operatorsQuery } from "./queries.ts";

const end = (id: string) => take(api.DELETE("/api/logins/{id}", { params: { path: { id } } }));

/** Where somebody is signed in; the present window first. */
export function Logins({ me, all }: { readonly me: Schemas["Me"]; readonly all: boolean }) {
  const { data, error, isPending, refetch } = useQuery(loginsQuery);
  const operators = useQuery({ ...operatorsQuery, enabled: all });
  const renew = () => cache.invalidateQueries(loginsQuery);
  const others = data?.filter(({ operator, current }) => operator === me.operator.id && !current) ?? [];
  const endAll = useMutation({
    mutationFn: () => Promise.all(others.map(({ id }) => end(id))),
    onSuccess: () => say(words.users.ended),
    onError: sayFault,
    onSettled: renew,
  });
  if (isPending) return <SkeletonRows rows={2} />;
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  const name = (id: string) => operators.data?.find((operator) => operator.id === id)?.name;
  const sorted = data.toSorted(
    (one, other) => Number(other.current) - Number(one.current) || (other.seenAt ?? other.createdAt) - (one.seenAt ?? one.createdAt),
  );
  return (
    <Section
      title={words.users.logins}
      flush
      aside={
        others.length > 0 && (
          <Button size="small" look="danger" busy={endAll.isPending} onClick={() => endAll.mutate()}>
            {words.users.endAll}
          </Button>
        )
      }
    >
      <p className="px-4 pb-2 text-row text-soft">{all ? words.users.loginsLeadAll : words.users.loginsLead}</p>
      <ul className="divide-y divide-line">
        {sorted.map((login) => (
          <li key={login.id} className="px-4 py-3">
            <Login login={login} name={all ? name(login.operator) : undefined} onEnded={renew} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface LoginProps {
  readonly login: Schemas["LoginView"];
  readonly name: string | undefined;
  readonly onEnded: () => unknown;
}

function Login({ login: { id, label, current, seenAt, createdAt }, name, onEnded }: LoginProps) {
  const ending = useMutation({
    mutationFn: () => end(id),
    onSuccess: () => say(words.users.ended),
    onError: sayFault,
    onSettled: onEnded,
  });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="grid min-w-40 flex-1">
        <span className="flex items-center gap-2">
          <span className="truncate" title={label}>
            {name ? `${name} · ` : ""}
            {browserName(label) ?? words.users.unknownBrowser}
          </span>
          {current && <Tag className="shrink-0">{words.users.thisOne}</Tag>}
        </span>
        <span className="text-faint text-meta">
          {words.users.seen} <Ago at={seenAt ?? createdAt} />
        </span>
      </div>
      {!current && (
        <Button size="small" look="danger" busy={ending.isPending} onClick={() => ending.mutate()}>
          {words.users.end}
        </Button>
      )}
    </div>
  );
}
