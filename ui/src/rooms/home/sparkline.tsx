const height = 24;

/** How it went, from the left to now: a line over its area, with no figures of its own. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const most = Math.max(1, ...values);
  const width = values.length - 1;
  const points = values.map((value, index) => `${index},${(height - 1 - (value / most) * (height - 3)).toFixed(1)}`).join(" ");
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" className="h-6 w-full">
      <polygon points={`0,${height} ${points} ${width},${height}`} className="fill-accent opacity-15" />
      <polyline points={points} className="fill-none stroke-accent" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
