/** What is loaded when it is needed. @module */

/** Something that may be loaded. */
export interface Lazy<Value> {
  /** Undefined until it has been loaded. */
  readonly value: Value | undefined;
  /** Loads it, once; after a failure, which the caller is told, it is tried again. */
  load(): Promise<Value>;
}

/** Loads with `load`, once somebody asks for it. */
export function lazy<Value>(load: () => Promise<Value>): Lazy<Value> {
  let value: Value | undefined;
  let loading: Promise<Value> | undefined;
  return {
    get value() {
      return value;
    },
    load() {
      loading ??= load().then((loaded) => value = loaded).catch((error) => {
        loading = undefined;
        throw error;
      });
      return loading;
    },
  };
}
