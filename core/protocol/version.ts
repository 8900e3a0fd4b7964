/**
 * Version of everything client and server say to each other (messages, close codes, API shapes, document layout).
 * 1: first.
 */
export const protocolVersion = 1;
