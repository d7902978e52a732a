import { ago, fullTime, useNow } from "../words/time.ts";

interface TimeProps {
  readonly at: number;
  readonly format: (at: number) => string;
  readonly className?: string;
}

/** A point in time; the whole date in the viewer's zone stands in its tooltip. */
export function Time({ at, format, className }: TimeProps) {
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)} className={className}>
      {format(at)}
    </time>
  );
}

/** "2 min ago", kept up to date. */
export function Ago({ at, className }: { readonly at: number; readonly className?: string }) {
  const now = useNow();
  return <Time at={at} format={(then) => ago(then, now)} {...(className && { className })} />;
}
