import { useMutation, useQuery } from "@tanstack/react-query";
import Plus from "lucide-react/icons/plus";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Field, Input, Select } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { Ago, Time } from "../../parts/time.tsx";
import { say } from "../../parts/toast.ts";
import { dayName } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { tokensQuery } from "./queries.ts";
import { RoleSelect } from "./role-select.tsx";
import { type Shown, ShownOnce } from "./shown-link.tsx";

export function Tokens({ me }: { readonly me: Schemas["Me"] }) {
  const { data, error, isPending, refetch } = useQuery(tokensQuery);
  if (isPending) return <SkeletonRows rows={1} />;
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  return (
    <Section title={words.users.tokens} flush aside={<MakeToken role={me.role} />}>
      <p className="px-4 pb-2 text-row text-soft">
        {words.users.tokensLead} {data.length === 0 && words.users.tokensNone}
      </p>
      <ul className="divide-y divide-line">
        {data.map((token) => (
          <li key={token.id} className="px-4 py-3">
            <Row token={token} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Row({ token: { id, label, role, seenAt, expiresAt } }: { readonly token: Schemas["Token"] }) {
  const [revoking, setRevoking] = useState(false);
  const revoke = async () => {
    await take(api.DELETE("/api/tokens/{id}", { params: { path: { id } } }));
    say(words.users.revoked);
    await cache.invalidateQueries(tokensQuery);
  };
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="grid min-w-40 flex-1">
        <span className="truncate">{label}</span>
        <span className="text-faint text-meta">
          {words.roles[role]} ·{" "}
          {seenAt === undefined ? (
            words.users.never
          ) : (
            <>
              {words.users.seen} <Ago at={seenAt} />
            </>
          )}
          {expiresAt !== undefined && (
            <>
              {" · "}
              {words.users.until} <Time at={expiresAt} format={dayName} />
            </>
          )}
        </span>
      </div>
      <Button size="small" look="danger" onClick={() => setRevoking(true)}>
        {words.users.revoke}
      </Button>
      <Confirm
        open={revoking}
        onOpenChange={setRevoking}
        title={words.users.revokeTitle(label)}
        act={words.users.revoke}
        onConfirm={revoke}
      >
        {words.users.revokeText}
      </Confirm>
    </div>
  );
}

const days = [30, 90, 365] as const;

function MakeToken({ role: highest }: { readonly role: Schemas["Role"] }) {
  const [open, setOpen] = useState(false);
  const [label, setLabel] = useState("");
  const [role, setRole] = useState<Schemas["Role"]>("viewer");
  const [valid, setValid] = useState("90");
  const [tried, setTried] = useState(false);
  const [shown, setShown] = useState<Shown>();
  const make = useMutation({
    mutationFn: () => take(api.POST("/api/tokens", { body: { label: label.trim(), role, ...(valid && { days: Number(valid) }) } })),
    onSuccess: async ({ token, label: made }) => {
      setOpen(false);
      setLabel("");
      setTried(false);
      setShown({ title: words.users.tokenTitle(made), lead: words.users.tokenMade, label: words.users.tokenValue, value: token });
      await cache.invalidateQueries(tokensQuery);
    },
  });
  const submit = () => {
    setTried(true);
    if (label.trim()) make.mutate();
  };
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        <Plus aria-hidden />
        {words.users.token}
      </Button>
      <FormDialog
        open={open}
        onOpenChange={setOpen}
        title={words.users.token}
        act={words.users.tokenAct}
        busy={make.isPending}
        error={make.error}
        onSubmit={submit}
      >
        <Field label={words.users.tokenLabel} error={tried && !label.trim() ? words.users.tokenMissing : undefined}>
          {(described) => <Input {...described} value={label} maxLength={100} onChange={({ target }) => setLabel(target.value)} />}
        </Field>
        <Field label={words.users.tokenRole}>
          {(described) => <RoleSelect {...described} value={role} highest={highest} onChoose={setRole} />}
        </Field>
        <Field label={words.users.tokenDays}>
          {(described) => (
            <Select {...described} value={valid} onChange={({ target }) => setValid(target.value)}>
              {days.map((n) => (
                <option key={n} value={n}>
                  {words.users.days(n)}
                </option>
              ))}
              <option value="">{words.users.tokenForever}</option>
            </Select>
          )}
        </Field>
      </FormDialog>
      <ShownOnce shown={shown} onClose={() => setShown(undefined)} />
    </>
  );
}
