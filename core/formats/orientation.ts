/** What brings a stored picture upright, by the numbers of TIFF 6.0 (tag 274), which Exif takes over. */
const uprightBy: Readonly<Record<number, string>> = {
  2: "mirrored left to right",
  3: "turned by 180°",
  4: "mirrored top to bottom",
  5: "mirrored left to right and turned 90° to the left",
  6: "turned 90° to the right",
  7: "mirrored left to right and turned 90° to the right",
  8: "turned 90° to the left",
};

/**
 * What is said of a picture that its file wants turned. Marks and numbers are in the recorded grid, and so is what is
 * shown: a turned display over it would part directions on the screen from those that are measured.
 *
 * @param orientation 1-8; others say nothing and are passed over
 */
export function orientationWarnings(orientation: number | undefined): readonly string[] {
  const upright = uprightBy[orientation ?? 1];
  return upright === undefined
    ? []
    : [
        `The file wants the picture ${upright} (orientation ${orientation}); it is shown, measured and exported as it was recorded.`,
      ];
}
