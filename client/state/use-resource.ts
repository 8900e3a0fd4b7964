import { useCallback, useEffect, useRef, useState } from "react";

export interface Resource<Value> {
  /** The last answer; kept while a newer one is asked for, and when that fails. */
  readonly value: Value | null;
  readonly error: Error | null;
  readonly loading: boolean;
  refetch(): Promise<void>;
}

/**
 * Something the server knows, asked for when `key` changes and every `everyMs` while the page is visible.
 * An answer to an older question never overwrites a newer one.
 *
 * @param key null = do not ask
 */
export function useResource<Value>(
  key: string | null,
  load: () => Promise<Value>,
  everyMs: number | ((value: Value | null) => number | null) | null = null,
): Resource<Value> {
  const [state, setState] = useState<{ key: string | null; value: Value | null; error: Error | null }>({
    key,
    value: null,
    error: null,
  });
  const loader = useRef(load);
  loader.current = load;
  const turn = useRef(0);
  const refetch = useCallback(async () => {
    if (key === null) return;
    const mine = ++turn.current;
    try {
      const value = await loader.current();
      if (mine === turn.current) setState({ key, value, error: null });
    } catch (error) {
      if (mine !== turn.current) return;
      setState((before) => ({ key, value: before.key === key ? before.value : null, error: error as Error }));
    }
  }, [key]);

  const current = state.key === key ? state : { key, value: null, error: null };
  const interval = typeof everyMs === "function" ? everyMs(current.value) : everyMs;
  useEffect(() => {
    void refetch();
    return () => void turn.current++;
  }, [refetch]);
  useEffect(() => {
    if (interval === null || key === null) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void refetch();
    }, interval);
    return () => clearInterval(timer);
  }, [interval, key, refetch]);

  return {
    value: current.value,
    error: current.error,
    loading: key !== null && current.value === null && current.error === null,
    refetch,
  };
}
