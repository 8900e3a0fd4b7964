import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isDomainError } from "#core/errors/domain-error.ts";
import { answers } from "./answers/answers.ts";
import type { AnswerFields, VectorInputs } from "./answers/vector-inputs.ts";

/** One case of a vector file, as far as answering needs it. */
export interface VectorCase {
  readonly id: string;
  readonly quantity: string;
  readonly inputs: VectorInputs;
  readonly expected?: VectorInputs;
  /** Fields marked `reference_value` are given, not asked: the truth an error is counted from. */
  readonly tolerance?: Readonly<Record<string, { readonly reference_value?: boolean }>>;
}

/**
 * Answer one case: the fields of its quantity, `{ error: code }` where the measurement is refused, and
 * `{ error: "not-implemented" }` for a quantity that Lamella does not measure yet.
 */
export function answerCase(vector: VectorCase): AnswerFields {
  const { quantity } = vector;
  const inputs = { ...vector.inputs, ...referenceValues(vector) };
  const answer = Object.hasOwn(answers, quantity) ? answers[quantity] : undefined;
  if (!answer) return { error: "not-implemented" };
  try {
    return answer(inputs);
  } catch (error) {
    if (isDomainError(error)) return { error: error.code };
    throw error;
  }
}

/** Only what the file itself marks as given is read from the expected side. */
function referenceValues({ expected = {}, tolerance = {} }: VectorCase): VectorInputs {
  return Object.fromEntries(
    Object.entries(tolerance).flatMap(([field, t]) => (t.reference_value ? [[field, expected[field]]] : [])),
  );
}

/**
 * `lamella answer VECTORS.json…`: measure the cases of vector files (format "vectors-1") with the core, and print one
 * JSON object `{ case id: { field: value } | { error: code } }` on standard output. Paths are relative to where the command
 * was called.
 */
export async function runAnswer(args: string[]): Promise<void> {
  if (args.length === 0) throw new Error("Usage: lamella answer VECTORS.json…; got no file.");
  const results: Record<string, AnswerFields> = {};
  for (const path of args) {
    const file = JSON.parse(await readFile(resolve(process.env.INIT_CWD ?? ".", path), "utf8")) as {
      format?: string;
      cases?: VectorCase[];
    };
    if (file.format !== "vectors-1" || !Array.isArray(file.cases)) {
      throw new Error(
        `Expected a file of format "vectors-1" with cases, got format "${file.format}" in ${path}.`,
      );
    }
    for (const vector of file.cases) results[vector.id] = answerCase(vector);
  }
  process.stdout.write(`${JSON.stringify(results)}\n`);
}
