/** Work of which some runs at a time; the rest waits in its order. */
export interface Turns {
  /** How many wait now. */
  readonly waiting: number;
  take<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createTurns(atATime: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    get waiting() {
      return waiting.length;
    },
    async take(work) {
      if (running >= atATime) await new Promise<void>((resolve) => waiting.push(resolve));
      else running++;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
