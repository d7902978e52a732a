import type { ReactNode } from "react";

/** A few words in a frame, behind a small picture of what they are. */
export function Chip({ icon, children }: { readonly icon: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="inline-flex max-w-full items-start gap-2 justify-self-start rounded-control border border-line bg-panel px-2.5 py-1.5 text-row [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-faint">
      {icon}
      <span className="min-w-0">{children}</span>
    </div>
  );
}
