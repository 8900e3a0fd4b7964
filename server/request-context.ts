import { AsyncLocalStorage } from "node:async_hooks";

const ids = new AsyncLocalStorage<string | undefined>();

/** Id of the request that what runs now goes back to: log lines and the jobs it orders bear it. */
export const currentRequestId = (): string | undefined => ids.getStore();

/** Do something on behalf of a request, or of none. */
export function onBehalfOf<T>(requestId: string | undefined, work: () => T): T {
  return ids.run(requestId, work);
}
