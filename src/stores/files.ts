import type { FileStore } from "../core/store.ts";
export function openFileStore(_folder: string): FileStore {
  return {} as FileStore;
}
