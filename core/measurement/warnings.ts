/** What a reader of a number must know beside it. Codes travel in exports; the sentences are for people. */
export const warningSentences = {
  uncalibrated: "No calibration: numbers are in pixels.",
  "not-to-scale": "Marked as not to scale: numbers are in pixels.",
  "uncertified-calibration": "The pixel size comes from the microscope and nobody has checked it.",
  "self-intersecting": "The outline crosses itself: its area follows the even-odd rule.",
  overlap: "The film lies inside the substrate on more than 1 % of the length: negative gaps count as 0.",
  "profile-too-short": "Too few independent stations for an interval of the mean.",
  "partly-unmatched":
    "More than 10 % of the substrate faces no film: it is left out, not counted as contact or gap.",
  "threshold-needs-calibration":
    "The threshold in nm needs a calibration: the default in pixels is used instead.",
  "interval-is-approximate": "The interval comes from a block bootstrap and may be too narrow.",
} as const;
export type MeasurementWarning = keyof typeof warningSentences;
