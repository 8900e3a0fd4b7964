import { effectiveSampleSize } from "#core/statistics/effective-sample-size.ts";
import { meanInterval } from "#core/statistics/mean-interval.ts";
import type { Answer } from "./vector-inputs.ts";

export const intervalAnswers: Readonly<Record<string, Answer>> = {
  mean_ci_coverage: ({ series, level, true_mean }) => {
    const all = series as readonly (readonly number[])[];
    const intervals = all.map((values) => meanInterval(values, level));
    const given = intervals.filter(({ low }) => low !== null);
    const holding = given.filter(({ low, high }) => low! <= true_mean && true_mean <= high!);
    const width = given.reduce((sum, { low, high }) => sum + high! - low!, 0);
    return { coverage: holding.length / all.length, mean_width: width / given.length };
  },
  effective_sample_size: ({ x }) => ({ n_eff: effectiveSampleSize(x).nEff }),
};
