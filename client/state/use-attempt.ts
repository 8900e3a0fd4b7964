import { useCallback, useState } from "react";
import { sentenceOf } from "./api-client.ts";

/** Something the person asks the server to do: busy until it answers, and its sentence where it refuses. */
export interface Attempt {
  readonly busy: boolean;
  readonly failure: string | null;
  /** @returns whether it was done */
  run(act: () => Promise<unknown>): Promise<boolean>;
}

export function useAttempt(): Attempt {
  const [state, setState] = useState<{ busy: boolean; failure: string | null }>({
    busy: false,
    failure: null,
  });
  const run = useCallback(async (act: () => Promise<unknown>) => {
    setState({ busy: true, failure: null });
    try {
      await act();
      setState({ busy: false, failure: null });
      return true;
    } catch (error) {
      setState({ busy: false, failure: sentenceOf(error) });
      return false;
    }
  }, []);
  return { ...state, run };
}
