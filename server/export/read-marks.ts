import { withAnnotations } from "#core/document/annotation-document.ts";
import { takeSnapshot } from "#core/document/snapshot.ts";
import type { DatasetMicrograph } from "#core/export/dataset.ts";
import { replayedDocument } from "#server/sync/replayed-document.ts";
import type { GatheredMicrograph } from "./gather-dataset.ts";

/** The marks that a gathered micrograph brings as bytes: seconds of work where there are a hundred thousand. */
export function readMarks(gathered: GatheredMicrograph): Omit<DatasetMicrograph, "measurements"> {
  const { marks, authorNames, ...micrograph } = gathered;
  return withAnnotations(replayedDocument(marks), (document) => {
    const { annotations } = takeSnapshot(document);
    const authors: Record<string, string> = {};
    for (const { id, authorClient } of annotations) {
      const name = authorNames.get(authorClient);
      if (name !== undefined) authors[id] = name;
    }
    return { ...micrograph, annotations, authors, invalid: [...document.invalid()] };
  });
}
