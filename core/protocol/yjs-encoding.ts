/**
 * Numbers by which an update of Yjs 13 is stepped over without Yjs: its first encoding (`UpdateEncoderV1`), and values as
 * lib0 writes them (`writeAny`).
 */

/** Bits of a struct's first byte: what stands before its content. The lower five say what it holds. */
export const structBits = { origin: 0x80, rightOrigin: 0x40, key: 0x20, holds: 0x1f } as const;

/** What a struct holds. */
export const held = {
  collected: 0,
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  document: 9,
  skip: 10,
} as const;

/** Shared types; an element and a hook bear a name of their own. */
export const types = { array: 0, map: 1, text: 2, element: 3, fragment: 4, hook: 5, xmlText: 6 } as const;

/** The first byte of a value. */
export const values = {
  undefined: 127,
  null: 126,
  integer: 125,
  float32: 124,
  float64: 123,
  bigint: 122,
  false: 121,
  true: 120,
  string: 119,
  object: 118,
  array: 117,
  bytes: 116,
} as const;
