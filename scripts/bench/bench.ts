/** One figure of a bench: what was measured, how much, in which unit. Ratios to a peer of the same run have unit "x". */
export interface BenchRow {
  readonly case: string;
  readonly value: number;
  readonly unit: string;
}

export interface Bench {
  readonly name: string;
  run(flags: readonly string[]): Promise<readonly BenchRow[]>;
}
