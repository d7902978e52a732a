import type { ReactNode } from "react";
import { Modal } from "./modal.tsx";

interface SheetProps {
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Comes up from below, over the page. */
export function Sheet({ label, onClose, children }: SheetProps) {
  return (
    <Modal
      light
      label={label}
      onClose={onClose}
      className="mb-0 max-h-[85dvh] w-full max-w-none rounded-b-none border-line border-t starting:translate-y-4 starting:scale-100"
    >
      <div className="px-3 pt-4 pb-[calc(1rem+env(safe-area-inset-bottom))]">{children}</div>
    </Modal>
  );
}
