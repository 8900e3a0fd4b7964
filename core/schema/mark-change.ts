/** What one edit did to a mark, as people say it. `edited`: something else of it, attributes for instance. */
export const markChangeWords = [
  "created",
  "deleted",
  "brought-back",
  "moved",
  "reshaped",
  "reclassified",
  "renamed",
  "locked",
  "unlocked",
  "assigned",
  "edited",
] as const;
export type MarkChangeWord = (typeof markChangeWords)[number];
