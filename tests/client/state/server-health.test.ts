import { expect, it } from "vitest";
import { meanMs, readFigures } from "#client/state/server-health.ts";

const page = `# HELP lamella_people Different people with an open socket.
# TYPE lamella_people gauge
lamella_people 7
lamella_jobs{state="running"} 2
lamella_jobs{state="queued"} 3
lamella_commit_seconds_bucket{le="0.001"} 1
lamella_commit_seconds_bucket{le="+Inf"} 4
lamella_commit_seconds_sum 0.01
lamella_commit_seconds_count 4
lamella_echo_seconds_sum 0
lamella_echo_seconds_count 0
process_cpu_seconds_total 12
`;

it("figures are read by name, labels summed, the mean of a histogram in ms, none where nothing was counted", () => {
  const figures = readFigures(page);
  expect(figures.get("people")).toBe(7);
  expect(figures.get("jobs")).toBe(5);
  expect([...figures.keys()]).not.toContain("commit_seconds_bucket");
  expect(figures.has("process_cpu_seconds_total")).toBe(false);
  expect(meanMs(figures, "commit_seconds")).toBeCloseTo(2.5, 9);
  expect(meanMs(figures, "echo_seconds")).toBeNull();
});
