import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import Archive from "lucide-react/icons/archive";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { meQuery } from "../../api/queries.ts";
import { Button, buttonLook } from "../../parts/button.tsx";
import { CopyField } from "../../parts/copy.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Tag } from "../../parts/state-badge.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { atLeast } from "../../shell/roles.ts";
import { count, dayAndTime } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { backupPlaceQuery, backupsQuery } from "./queries.ts";
import { Schedule } from "./schedule.tsx";

/** Copies of everything: made by hand or by themselves, checked, downloaded. */
export function Backup() {
  const { data: me } = useSuspenseQuery(meQuery);
  const { data, error, isPending, refetch } = useQuery(backupsQuery);
  const { data: place } = useQuery(backupPlaceQuery);
  const make = useMutation({
    mutationFn: () => take(api.POST("/api/backups")),
    onSuccess: ({ messages }) => say(words.backup.made(count(messages))),
    onError: sayFault,
    onSettled: () => cache.invalidateQueries(backupsQuery),
  });
  return (
    <Page
      title={words.rooms.backup}
      lead={words.backup.lead}
      actions={
        <Button look="primary" busy={make.isPending} onClick={() => make.mutate()}>
          {words.backup.make}
        </Button>
      }
    >
      {place && (
        <p className="max-w-[65ch] break-words text-row text-soft">{place.apart ? words.backup.apart : words.backup.place(place.folder)}</p>
      )}
      {isPending && <SkeletonRows rows={3} />}
      {error && !data && <Failed error={error} retry={() => void refetch()} />}
      {data?.length === 0 && (
        <Empty icon={<Archive />} title={words.backup.none}>
          {words.backup.noneHint}
        </Empty>
      )}
      {data && data.length > 0 && (
        <Section flush>
          <ul className="divide-y divide-line">
            {data.map((backup) => (
              <li key={backup.id} className="px-4 py-3">
                <Row backup={backup} owner={atLeast(me.role, "owner")} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Schedule />
      <Section title={words.backup.exports}>
        <p className="mb-3 max-w-[65ch] text-row text-soft">{words.backup.exportsLead}</p>
        <div className="flex flex-wrap gap-2">
          <a href="/api/export/messages.csv?mark=true" download className={buttonLook({})}>
            {words.backup.exportMessages}
          </a>
          <a href="/api/export/conversations.csv?mark=true" download className={buttonLook({})}>
            {words.backup.exportConversations}
          </a>
        </div>
      </Section>
      <Section title={words.backup.restore}>
        <p className="mb-3 max-w-[65ch] text-row text-soft">{words.backup.restoreLead}</p>
        <div className="grid justify-items-start gap-2">
          <CopyField value="npx polylogue restore backup.tar --dry-run" />
          <CopyField value="npx polylogue restore backup.tar --yes" />
        </div>
      </Section>
    </Page>
  );
}

const megabyte = 2 ** 20;

function size(bytes: number): string {
  return bytes < megabyte ? `${count(Math.ceil(bytes / 1024))} kB` : `${count(Math.ceil(bytes / megabyte))} MB`;
}

function Row({ backup, owner }: { readonly backup: Schemas["Backup"]; readonly owner: boolean }) {
  const { id, createdAt, messages, files, bytes, version, automatic, gateway } = backup;
  const [removing, setRemoving] = useState(false);
  const check = useMutation({
    mutationFn: () => take(api.POST("/api/backups/{id}/check", { params: { path: { id } } })),
    onSuccess: () => say(words.backup.checked),
    onError: sayFault,
  });
  const remove = async () => {
    await take(api.DELETE("/api/backups/{id}", { params: { path: { id } } }));
    say(words.backup.removed);
    await cache.invalidateQueries(backupsQuery);
  };
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="grid min-w-52 flex-1">
        <span className="flex items-center gap-2">
          <Time at={createdAt} format={dayAndTime} className="font-medium" />
          {automatic && <Tag>{words.backup.automatic}</Tag>}
          {gateway && <Tag>{words.backup.at(gateway)}</Tag>}
        </span>
        <span className="text-faint text-meta">{words.backup.facts(count(messages), files, size(bytes), version)}</span>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="small" busy={check.isPending} onClick={() => check.mutate()}>
          {words.backup.check}
        </Button>
        {owner && (
          <>
            <a href={`/api/backups/${encodeURIComponent(id)}/download`} download className={buttonLook({ size: "small" })}>
              {words.backup.download}
            </a>
            <Button size="small" look="danger" onClick={() => setRemoving(true)}>
              {words.backup.remove}
            </Button>
          </>
        )}
      </div>
      <Confirm open={removing} onOpenChange={setRemoving} title={words.backup.removeTitle} act={words.backup.remove} onConfirm={remove}>
        {words.backup.removeText}
      </Confirm>
    </div>
  );
}
