import type { Brand } from "./brand.ts";

/** A length on the specimen. */
export type Nm = Brand<number, "nm">;
/** A length in full-resolution image pixels. */
export type Px = Brand<number, "px">;
/** A length in reciprocal space, 1/d (no 2π). */
export type PerNm = Brand<number, "1/nm">;
export type Degrees = Brand<number, "deg">;
/** Electrons per square ångström, accumulated. 1 nm² = 100 Å². */
export type ElectronsPerA2 = Brand<number, "e/Å²">;

/** Units that a number of Lamella may carry. Everything stored and exported is in these; prefixes are for display only. */
export type Unit = "nm" | "px" | "1/nm" | "nm²" | "px²" | "1/nm²" | "°" | "1" | "e/Å²" | "counts";

export const nm = (value: number): Nm => value as Nm;
export const px = (value: number): Px => value as Px;
export const perNm = (value: number): PerNm => value as PerNm;
export const degrees = (value: number): Degrees => value as Degrees;
