import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/client.ts";
import { classes } from "../../parts/classes.ts";
import { Scroller } from "../../parts/scroller.tsx";
import { Failed, Skeleton } from "../../parts/states.tsx";
import { shortCount, usd } from "../../words/money.ts";
import { count, duration, useNow } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { Figure, wideLook } from "./figure.tsx";
import { homeQuery } from "./queries.ts";
import { Sparkline } from "./sparkline.tsx";

/** How it goes: in one row where it fits, in two full ones where it does not; on a phone it is moved sideways. */
export function Figures() {
  const { data, error, refetch } = useQuery(homeQuery);
  if (error && !data) return <Failed error={error} retry={() => void refetch()} className="max-w-none" />;
  return (
    <Scroller label={words.home.figures} className="-mx-4 overflow-x-auto rounded-control px-4 py-1 md:-mx-6 md:px-6">
      <dl className="flex gap-2.5 md:grid md:grid-cols-4 2xl:flex">{data ? <All home={data} /> : <Waiting />}</dl>
    </Scroller>
  );
}

function All({ home }: { readonly home: Schemas["Home"] }) {
  const { perMinute, minutes, latency, models, errors, queue, people, accounts, today } = home;
  const now = useNow();
  const received = minutes.map((minute) => minute.received);
  const broken = accounts.refused + accounts.retrying;
  const all = broken + accounts.ready + accounts.starting + accounts.paused;
  return (
    <>
      <Figure
        label={words.home.perMinute}
        value={count(perMinute)}
        note={<Sparkline values={received} label={words.home.trend(received.reduce((sum, n) => sum + n, 0))} />}
      />
      <Figure
        wide
        label={words.home.latency}
        value={latency.p50 === undefined ? "–" : duration(latency.p50)}
        note={slowness(latency.p95, models.p50)}
      />
      <Figure label={words.home.errors} value={count(errors)} note={words.home.lastHour} tone={errors > 0 ? "bad" : undefined} />
      <Figure
        label={words.home.queue}
        value={count(queue.waiting + queue.sending)}
        note={queue.stuck > 0 ? words.home.stuck(queue.stuck) : words.home.underWay(queue.waiting, queue.sending)}
        tone={queue.stuck > 0 ? "warn" : undefined}
        to="/queue"
      />
      <Figure
        label={words.home.people}
        value={count(people.waiting)}
        note={people.since === undefined ? words.home.nobodyWaits : words.home.waitsFor(duration(Math.max(0, now - people.since)))}
        tone={people.waiting > 0 ? "warn" : undefined}
        to="/conversations"
      />
      <Figure
        label={words.home.channels}
        value={words.home.ready(count(accounts.ready), count(all))}
        note={broken > 0 ? words.home.notReady(broken) : accounts.paused > 0 ? words.home.paused(accounts.paused) : words.home.allReady}
        tone={accounts.refused > 0 ? "bad" : broken > 0 ? "warn" : undefined}
        to="/channels"
      />
      <Figure
        label={words.home.today}
        value={usd(today.usd)}
        note={today.unpriced > 0 ? words.home.unpriced(today.unpriced) : words.home.tokens(shortCount(today.tokens))}
      />
    </>
  );
}

function slowness(p95: number | undefined, models: number | undefined): string {
  if (p95 === undefined) return words.home.noAnswers;
  return [words.home.slowest(duration(p95)), ...(models === undefined ? [] : [words.home.models(duration(models))])].join(" · ");
}

/** As high as the figures that come. */
function Waiting() {
  return Array.from({ length: 7 }, (_, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
    <div key={index} className={classes("panel grid min-w-42 flex-1 content-between px-3.5 py-2.5 md:min-w-0", index === 1 && wideLook)}>
      <dt className="sr-only">{words.states.loading}</dt>
      <dd className="grid h-18 content-between">
        <Skeleton className="w-20" />
        <Skeleton className="h-6 w-14" />
        <Skeleton className="h-3 w-24" />
      </dd>
    </div>
  ));
}
