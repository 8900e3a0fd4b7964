/** How long a test waits for what must come: a busy machine may take its time, and what never comes fails all the same. */
export const patienceMs = 45_000;

/**
 * What is promised within 2 s comes at once, because somebody is told: on a busy machine still within this time, which is
 * far shorter than the half minute after which anything would be found out by asking.
 */
export const promptMs = 10_000;
