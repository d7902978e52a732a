interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly hint?: string | undefined;
}

/** One figure of a `<dl>`, large. */
export function Figure({ name, value, hint }: FigureProps) {
  return (
    <div className="panel grid content-start gap-0.5 px-4 py-3">
      <dt className="text-faint text-meta">{name}</dt>
      <dd className="font-semibold text-title tabular-nums">{value}</dd>
      {hint && <dd className="text-faint text-meta">{hint}</dd>}
    </div>
  );
}
