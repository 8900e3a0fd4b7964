import { z } from "zod";
import { putClass, putInterface, readShared } from "#core/document/shared-document.ts";
import { ImportError, type ImportedMicrograph } from "#core/import/importer.ts";
import { importers } from "#core/import/importers.ts";
import * as shapes from "#core/protocol/api/shapes.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import type { AppPorts } from "../app-ports.ts";
import { type Route, route } from "../route.ts";

/** Datasets in: marks of a file onto the micrographs of a project that it names. */
export function createImportRoutes({ intake, rooms, ingest }: AppPorts): readonly Route[] {
  /** All marks of one picture in one transaction: they come in together or, where one cannot be kept, not at all. */
  const addMarks = async (micrographId: string, principalId: string, { marks }: ImportedMicrograph) => {
    const room = formatRoomName({ kind: "annotations", micrographId });
    const edit = { type: "add-marks", marks, most: intake.marksPerMicrograph } as const;
    intake.taken(await rooms.editAsServer(room, principalId, edit));
  };

  return [
    route({
      method: "post",
      path: "/projects/:id/imports",
      summary: "Bring in the marks of a dataset file; what cannot come in is listed with its reason.",
      needs: { right: "annotate", in: "project" },
      params: z.object({ id: shapes.id }),
      body: shapes.createImport,
      status: 201,
      answer: shapes.importResult,
      async handle({ projectId, caller, body }) {
        const importer = importers.find(({ sniff }) => sniff(body.text));
        if (!importer) {
          const known = importers.map(({ name }) => name).join(", ");
          throw new ImportError(
            "not-this-format",
            `Expected a dataset of one of these formats: ${known}; "${body.fileName}" is none.`,
          );
        }
        const { classes, interfaces, micrographs, failed } = importer.import(body.text, {
          source: body.fileName,
        });
        const principalId = caller.principal.id;
        await rooms.writeAsServer(formatRoomName({ kind: "shared", projectId }), principalId, (doc) => {
          const present = readShared(doc);
          // What the project has under this id stays as people made it.
          for (const one of classes) if (!present.classes.has(one.id)) putClass(doc, one);
          for (const one of interfaces) if (!present.interfaces.has(one.id)) putInterface(doc, one);
        });
        const here = await ingest.catalogue.listMicrographs(projectId);
        // Marks of a file that is a signal of another micrograph by now belong to that one's pixels.
        const leaders = await ingest.catalogue.followersOf(projectId);
        const placed: { micrographId: string; name: string; marks: number }[] = [];
        const refused = [...failed];
        for (const imported of micrographs) {
          const found = pick(here, { ...imported, key: leaders.get(imported.key) ?? imported.key });
          if (typeof found === "string") refused.push({ what: imported.name, reason: found });
          else if (imported.marks.length > 0) {
            await addMarks(found.id, principalId, imported);
            placed.push({ micrographId: found.id, name: found.name, marks: imported.marks.length });
          }
        }
        return { format: importer.id, placed, failed: refused };
      },
    }),
  ];
}

/** The micrograph that a file means: by id, else by a name that only one has; of the very size, or none. */
function pick(here: readonly shapes.Micrograph[], wanted: ImportedMicrograph): shapes.Micrograph | string {
  const named = here.filter(({ name }) => name === wanted.name || name === wanted.key);
  const found = here.find(({ id }) => id === wanted.key) ?? (named.length === 1 ? named[0] : undefined);
  if (!found) {
    return named.length > 1
      ? `${named.length} micrographs of this project are called so; rename all but one.`
      : "This project has no micrograph of this id or name. Upload it first.";
  }
  if (found.width !== wanted.width || found.height !== wanted.height) {
    return `Expected a picture of ${wanted.width} × ${wanted.height} px; the project's has ${found.width} × ${found.height}.`;
  }
  return found;
}
