import { Toast } from "@base-ui/react/toast";
import CircleAlert from "lucide-react/icons/circle-alert";
import CircleCheck from "lucide-react/icons/circle-check";
import X from "lucide-react/icons/x";
import { useEffect } from "react";
import { words } from "../words/words.ts";
import { IconButton } from "./button.tsx";
import { takeSaid, useSaid } from "./toast.ts";

export function ToastList() {
  return (
    <Toast.Provider limit={4}>
      <Toast.Portal>
        <Toast.Viewport
          aria-label={words.states.notifications}
          className="fixed right-4 bottom-20 z-50 grid w-[24rem] max-w-[calc(100vw-2rem)] gap-2 md:bottom-4"
        >
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function List() {
  const { toasts, add } = Toast.useToastManager();
  const said = useSaid();
  useEffect(() => {
    if (said.length === 0) return;
    for (const { type, ...rest } of takeSaid())
      add({ ...rest, type, ...(type === "bad" ? { priority: "high", timeout: 0 } : { timeout: 4000 }) });
  }, [said, add]);
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      swipeDirection={["right", "down"]}
      className="rounded-panel border border-line bg-panel shadow-lift transition-[opacity,translate] duration-200 data-ending-style:translate-y-1 data-starting-style:translate-y-2 data-ending-style:opacity-0 data-limited:opacity-0 data-starting-style:opacity-0"
    >
      <Toast.Content className="flex items-start gap-2.5 py-2.5 pr-1.5 pl-3.5">
        {toast.type === "bad" ? (
          <CircleAlert aria-hidden className="mt-1.5 size-4.5 shrink-0 text-bad" />
        ) : (
          <CircleCheck aria-hidden className="mt-1.5 size-4.5 shrink-0 text-good" />
        )}
        <div className="min-w-0 flex-1 py-1">
          <Toast.Title className="font-medium" />
          <Toast.Description className="text-row text-soft" />
        </div>
        <Toast.Close
          render={
            <IconButton label={words.states.close} size="small-square">
              <X aria-hidden />
            </IconButton>
          }
        />
      </Toast.Content>
    </Toast.Root>
  ));
}
