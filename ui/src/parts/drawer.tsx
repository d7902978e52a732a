import X from "lucide-react/icons/x";
import { type ReactNode, useId } from "react";
import { words } from "../words/words.ts";
import { IconButton } from "./button.tsx";
import { Modal } from "./modal.tsx";
import { Scroller } from "./scroller.tsx";

interface DrawerProps {
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** What can be done, at the bottom. */
  readonly acts?: ReactNode;
}

/** One of a list, looked at closely at the side; the whole window on a phone. */
export function Drawer({ onClose, title, children, acts }: DrawerProps) {
  const id = useId();
  return (
    <Modal
      light
      labelledBy={id}
      onClose={onClose}
      className="mr-0 h-dvh max-h-none w-[30rem] max-w-full overflow-hidden rounded-none starting:translate-x-4 starting:scale-100"
    >
      <div className="flex h-full flex-col">
        <header className="flex items-center justify-between gap-3 border-line border-b px-4 py-3">
          <h2 id={id} className="min-w-0 truncate font-semibold text-lead">
            {title}
          </h2>
          <IconButton label={words.states.close} size="small-square" onClick={onClose}>
            <X aria-hidden />
          </IconButton>
        </header>
        <Scroller label={title} className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto px-4 py-4">
          {children}
        </Scroller>
        {acts && <footer className="flex flex-wrap gap-2 border-line border-t px-4 py-3">{acts}</footer>}
      </div>
    </Modal>
  );
}
