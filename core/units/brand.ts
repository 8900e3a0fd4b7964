declare const brand: unique symbol;

/** A number (or other value) that remembers what it is: `Brand<number, "nm">` does not pass where `"px"` is asked. */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };
