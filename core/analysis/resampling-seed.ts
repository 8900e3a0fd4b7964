/** Resampling is repeatable: the same marks give the same interval on every screen, in the API and in an export. */
export const resamplingSeed = 1;
