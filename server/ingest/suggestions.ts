import { DomainError } from "#core/errors/domain-error.ts";
import type { RecordedMark } from "#core/formats/recorded-mark.ts";
import type { SuggestionShape } from "#core/protocol/api/suggestions.ts";
import { createRecordId } from "#core/schema/ids.ts";
import type { Sql } from "#server/jobs/sql.ts";

/** Marks that another program left in a micrograph's file, and what people decided about each. */
export interface Suggestions {
  of(micrographId: string): Promise<readonly SuggestionShape[]>;
  /** Writes what was decided; one that was decided already stays as it is. */
  decide(
    micrographId: string,
    principalId: string,
    decided: ReadonlyMap<string, "accepted" | "dismissed">,
  ): Promise<void>;
}

/** Suggestions of a file that was just read: all of them open. */
export function openSuggestions(marks: readonly RecordedMark[]): readonly SuggestionShape[] {
  return marks.map((mark) => ({
    ...mark,
    points: mark.points.map(([x, y]): [number, number] => [x, y]),
    ...{ id: createRecordId(), state: "open", decidedBy: null, decidedAt: null },
  }));
}

export function createSuggestions(sql: Sql): Suggestions {
  const of: Suggestions["of"] = async (micrographId) => {
    const [row] = await sql.read<{ suggestions: string }>("SELECT suggestions FROM micrograph WHERE id = ?", [
      micrographId,
    ]);
    return JSON.parse(row?.suggestions ?? "[]") as SuggestionShape[];
  };
  // Read, changed and written whole: one after another.
  let turn: Promise<unknown> = Promise.resolve();

  return {
    of,
    decide(micrographId, principalId, decided) {
      const work = async () => {
        const known = await of(micrographId);
        const unknown = [...decided.keys()].filter((id) => !known.some((one) => one.id === id));
        if (unknown.length > 0)
          throw new DomainError(
            "not-found",
            `${unknown.length} of these suggestions are not of this micrograph. Reload the page; nothing was changed.`,
            { unknown: unknown.slice(0, 20) },
          );
        const decidedAt = new Date().toISOString();
        const after = known.map((one) => {
          const state = decided.get(one.id);
          const stays = state === undefined || one.state === "accepted";
          return stays ? one : { ...one, state, decidedBy: principalId, decidedAt };
        });
        await sql.write([
          {
            sql: "UPDATE micrograph SET suggestions = ? WHERE id = ?",
            params: [JSON.stringify(after), micrographId],
          },
        ]);
      };
      const result = turn.then(work);
      turn = result.catch(() => undefined);
      return result;
    },
  };
}
