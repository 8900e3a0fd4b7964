/** Tells a worker's keeper that the task goes on; tasks run one at a time in a process. */
let tell: () => void = () => undefined;

export function signOfLife(): void {
  tell();
}

/** Runs a task whose helpers (programs of the machine) may take longer than the keeper's patience. */
export async function showingLife<T>(report: (fraction: number) => void, work: () => Promise<T>): Promise<T> {
  tell = () => report(0);
  try {
    return await work();
  } finally {
    tell = () => undefined;
  }
}
