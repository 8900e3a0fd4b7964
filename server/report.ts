/** What a part of the server met with and nobody asked for: told to whoever runs it, as a line of the log. */
export type Report = (event: string, facts: Readonly<Record<string, unknown>>) => void;
