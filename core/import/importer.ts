import { DomainError } from "#core/errors/domain-error.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";

export class ImportError extends DomainError<
  "not-json" | "not-this-format" | "malformed" | "newer-version"
> {}

/** Marks for one micrograph, addressed as the file addresses it. */
export interface ImportedMicrograph {
  /** Lamella's id where the file knows it; else the file name of the picture. */
  readonly key: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly marks: readonly { readonly id: string | null; readonly annotation: NewAnnotation }[];
}

/** What a file holds, and what of it could not be read: nothing is skipped in silence. */
export interface ImportResult {
  readonly classes: readonly AnnotationClass[];
  readonly interfaces: readonly {
    id: string;
    name: string;
    objectId: string | null;
    substrate: string;
    film: string;
  }[];
  readonly micrographs: readonly ImportedMicrograph[];
  readonly failed: readonly { readonly what: string; readonly reason: string }[];
}

export interface Importer {
  readonly id: string;
  readonly name: string;
  sniff(text: string): boolean;
  /** @throws ImportError with a sentence: expected, received, what to do */
  import(text: string, context: { readonly source: string }): ImportResult;
}

/** Parses JSON, refusing anything else and keys that would reach an object's prototype. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value) =>
      key === "__proto__" || key === "constructor" ? undefined : value,
    );
  } catch (error) {
    throw new ImportError(
      "not-json",
      `Expected a JSON file; it cannot be parsed (${(error as Error).message}).`,
    );
  }
}
