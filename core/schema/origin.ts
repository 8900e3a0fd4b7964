/** How a mark came to be. Later edits add a step and never erase one. */
export interface Origin {
  readonly by: "drawn" | "live-wire" | "snapped" | "propagated" | "computed" | "imported" | "model";
  readonly tool: string;
  readonly version: string;
  /** Source mark or file, where there is one. */
  readonly source?: string;
  /** A model's score in [0, 1]. */
  readonly score?: number;
  /** Principal who took it over as their own. */
  readonly takenOverBy?: string;
}
