const written = new Intl.NumberFormat("en");

/** How many there are, as English writes it: "10,000". */
export const formatCount = (count: number): string => written.format(count);
