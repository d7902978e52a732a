import type { ReactNode } from "react";
import { useTitle } from "../../parts/page.tsx";
import { Mark } from "../../shell/mark.tsx";

/** The frame of what is shown before one is inside. */
export function Door({ title, lead, children }: { readonly title: string; readonly lead: ReactNode; readonly children: ReactNode }) {
  useTitle(title);
  return (
    <main className="grid min-h-dvh place-items-center bg-sunken px-4 py-10">
      <div className="grid w-full max-w-[25rem] gap-6">
        <div className="justify-self-center">
          <Mark />
        </div>
        <div className="panel grid gap-5 p-6">
          <div className="grid gap-1">
            <h1 className="font-semibold text-title tracking-tight">{title}</h1>
            <p className="text-soft">{lead}</p>
          </div>
          {children}
        </div>
      </div>
    </main>
  );
}
