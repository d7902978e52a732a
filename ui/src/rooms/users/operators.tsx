import { useMutation, useQuery } from "@tanstack/react-query";
import Ellipsis from "lucide-react/icons/ellipsis";
import KeyRound from "lucide-react/icons/key-round";
import UserRoundX from "lucide-react/icons/user-round-x";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { Button, IconButton } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Menu, MenuItem } from "../../parts/menu.tsx";
import { Section } from "../../parts/page.tsx";
import { Tag } from "../../parts/state-badge.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { Ago, Time } from "../../parts/time.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { atLeast } from "../../shell/roles.ts";
import { dayName } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { invitationsQuery, loginsQuery, operatorsQuery, tokensQuery } from "./queries.ts";
import { RoleSelect } from "./role-select.tsx";
import { linkAddress, type Shown, ShownOnce } from "./shown-link.tsx";

type Operator = Schemas["OperatorView"];

/** Everybody who may in, and who was invited. Nobody acts above their own role. */
export function Operators({ me }: { readonly me: Schemas["Me"] }) {
  const operators = useQuery(operatorsQuery);
  const invitations = useQuery(invitationsQuery);
  if (operators.isPending) return <SkeletonRows rows={2} />;
  if (operators.error && !operators.data) return <Failed error={operators.error} retry={() => void operators.refetch()} />;
  return (
    <Section title={words.users.operators} flush>
      <ul className="divide-y divide-line">
        {operators.data?.map((operator) => (
          <li key={operator.id} className="px-4 py-3">
            <Row operator={operator} me={me} />
          </li>
        ))}
        {invitations.data?.map((invitation) => (
          <li key={invitation.id} className="px-4 py-3">
            <Invited invitation={invitation} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Row({ operator, me }: { readonly operator: Operator; readonly me: Schemas["Me"] }) {
  const { id, name, role, logins, tokens, seenAt } = operator;
  const [removing, setRemoving] = useState(false);
  const [shown, setShown] = useState<Shown>();
  const set = useMutation({
    mutationFn: (next: Schemas["Role"]) => take(api.PUT("/api/operators/{id}", { params: { path: { id } }, body: { role: next } })),
    onSuccess: (changed) => say(words.users.roleSet(name, words.roles[changed.role])),
    onError: sayFault,
    onSettled: () => cache.invalidateQueries(operatorsQuery),
  });
  const link = useMutation({
    mutationFn: () => take(api.POST("/api/operators/{id}/reset", { params: { path: { id } } })),
    onSuccess: ({ secret }) =>
      setShown({
        title: words.users.resetTitle(name),
        lead: words.users.resetLead,
        label: words.users.link,
        value: linkAddress("reset", secret),
      }),
    onError: sayFault,
  });
  const remove = async () => {
    await take(api.DELETE("/api/operators/{id}", { params: { path: { id } } }));
    say(words.users.removed(name));
    await Promise.all([operatorsQuery, loginsQuery, tokensQuery].map(({ queryKey }) => cache.invalidateQueries({ queryKey })));
  };
  const self = id === me.operator.id;
  const mayChange = atLeast(me.role, role) && !self;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="grid min-w-40 flex-1">
        <span className="flex items-center gap-2">
          <span className="min-w-0 truncate font-medium">{name}</span>
          {self && <Tag>{words.users.you}</Tag>}
        </span>
        <span className="text-faint text-meta">
          {seenAt === undefined ? (
            words.users.never
          ) : (
            <>
              {words.users.seen} <Ago at={seenAt} />
            </>
          )}{" "}
          · {words.users.ways(logins, tokens)}
        </span>
      </div>
      {mayChange ? (
        <div className="flex w-full items-center gap-2 sm:w-auto">
          <RoleSelect
            aria-label={words.users.roleOf(name)}
            className="min-w-0 flex-1 sm:w-84"
            value={role}
            highest={me.role}
            disabled={set.isPending}
            onChoose={(next) => set.mutate(next)}
          />
          <Menu
            trigger={
              <IconButton label={words.users.actsOf(name)}>
                <Ellipsis aria-hidden />
              </IconButton>
            }
          >
            <MenuItem onClick={() => link.mutate()}>
              <KeyRound aria-hidden />
              {words.users.resetLink}
            </MenuItem>
            <MenuItem danger onClick={() => setRemoving(true)}>
              <UserRoundX aria-hidden />
              {words.users.remove}
            </MenuItem>
          </Menu>
        </div>
      ) : (
        <span className="text-row text-soft">{words.roles[role]}</span>
      )}
      <Confirm open={removing} onOpenChange={setRemoving} title={words.users.removeTitle(name)} act={words.users.remove} onConfirm={remove}>
        {words.users.removeText}
      </Confirm>
      <ShownOnce shown={shown} onClose={() => setShown(undefined)} />
    </div>
  );
}

function Invited({ invitation: { id, label, role, expiresAt } }: { readonly invitation: Schemas["Invitation"] }) {
  const takeBack = useMutation({
    mutationFn: () => take(api.DELETE("/api/invitations/{id}", { params: { path: { id } } })),
    onSuccess: () => say(words.users.takenBack),
    onError: sayFault,
    onSettled: () => cache.invalidateQueries(invitationsQuery),
  });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="grid min-w-40 flex-1">
        <span className="flex items-center gap-2">
          <span className="min-w-0 break-words text-soft">{label}</span>
          <Tag className="shrink-0">{words.users.invited}</Tag>
        </span>
        <span className="text-faint text-meta">
          {words.roles[role]} · {words.users.until} <Time at={expiresAt} format={dayName} />
        </span>
      </div>
      <Button size="small" look="danger" busy={takeBack.isPending} onClick={() => takeBack.mutate()}>
        {words.users.takeBack}
      </Button>
    </div>
  );
}
