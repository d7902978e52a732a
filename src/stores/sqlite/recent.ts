/** What was read lately and doesn't change, up to a weight: when it is reached, the half that wasn't asked for goes. */
export interface Recent<Value, Key = number> {
  get(key: Key): Value | undefined;
  put(key: Key, value: Value, weight: number): void;
  forget(key: Key): void;
  clear(): void;
}

export function recentValues<Value, Key = number>(mostWeight: number): Recent<Value, Key> {
  let young = new Map<Key, { readonly value: Value; readonly weight: number }>();
  let old = young;
  let weight = 0;

  function keep(key: Key, entry: { readonly value: Value; readonly weight: number }): void {
    if (weight + entry.weight > mostWeight / 2) {
      old = young;
      young = new Map();
      weight = 0;
    }
    weight += entry.weight;
    young.set(key, entry);
  }

  return {
    get(key) {
      const entry = young.get(key);
      if (entry) return entry.value;
      const older = old.get(key);
      if (older) keep(key, older);
      return older?.value;
    },
    put(key, value, valueWeight) {
      // What alone would push everything out isn't worth it.
      if (valueWeight <= mostWeight / 8) keep(key, { value, weight: valueWeight });
    },
    forget(key) {
      young.delete(key);
      old.delete(key);
    },
    clear() {
      young = new Map();
      old = young;
      weight = 0;
    },
  };
}
