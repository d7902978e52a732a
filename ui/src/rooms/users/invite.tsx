import { useMutation } from "@tanstack/react-query";
import UserPlus from "lucide-react/icons/user-plus";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input, Select } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { words } from "../../words/words.ts";
import { invitationsQuery } from "./queries.ts";
import { RoleSelect } from "./role-select.tsx";
import { linkAddress, type Shown, ShownOnce } from "./shown-link.tsx";

const days = [1, 7, 30] as const;

/** `role` is that of whoever invites: nobody invites above it. */
export function Invite({ role: highest }: { readonly role: Schemas["Role"] }) {
  const [open, setOpen] = useState(false);
  const [label, setLabel] = useState("");
  const [role, setRole] = useState<Schemas["Role"]>("operator");
  const [valid, setValid] = useState<number>(7);
  const [tried, setTried] = useState(false);
  const [shown, setShown] = useState<Shown>();
  const invite = useMutation({
    mutationFn: () => take(api.POST("/api/invitations", { body: { label: label.trim(), role, days: valid } })),
    onSuccess: async ({ secret, label: whom }) => {
      setOpen(false);
      setLabel("");
      setTried(false);
      setShown({
        title: words.users.invitedTitle(whom),
        lead: words.users.invitedLead,
        label: words.users.link,
        value: linkAddress("invite", secret),
      });
      await cache.invalidateQueries(invitationsQuery);
    },
  });
  const submit = () => {
    setTried(true);
    if (label.trim()) invite.mutate();
  };
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        <UserPlus aria-hidden />
        {words.users.invite}
      </Button>
      <FormDialog
        open={open}
        onOpenChange={setOpen}
        title={words.users.invite}
        act={words.users.inviteAct}
        busy={invite.isPending}
        error={invite.error}
        onSubmit={submit}
      >
        <Field
          label={words.users.inviteWhom}
          hint={words.users.inviteWhomHint}
          error={tried && !label.trim() ? words.users.inviteMissing : undefined}
        >
          {(described) => <Input {...described} value={label} maxLength={100} onChange={({ target }) => setLabel(target.value)} />}
        </Field>
        <Field label={words.users.inviteRole}>
          {(described) => <RoleSelect {...described} value={role} highest={highest} onChoose={setRole} />}
        </Field>
        <Field label={words.users.inviteDays}>
          {(described) => (
            <Select {...described} value={valid} onChange={({ target }) => setValid(Number(target.value))}>
              {days.map((n) => (
                <option key={n} value={n}>
                  {words.users.days(n)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </FormDialog>
      <ShownOnce shown={shown} onClose={() => setShown(undefined)} />
    </>
  );
}
