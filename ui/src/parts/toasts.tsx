import { lazy, Suspense } from "react";
import { useBegun } from "./toast.ts";

const ToastList = lazy(() => import("./toast-list.tsx").then((module) => ({ default: module.ToastList })));

/** Where toasts appear; it is loaded when the first is said. */
export function Toasts() {
  return (
    useBegun() && (
      <Suspense fallback={null}>
        <ToastList />
      </Suspense>
    )
  );
}
