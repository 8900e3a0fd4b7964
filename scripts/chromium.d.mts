/** Path of a Chromium or Chrome; ends the process with a sentence where there is none and none can be installed. */
export function findChromium(): string;
