import { useEffect } from "react";
import type { AnnotationSession } from "#client/session/annotation-session.ts";
import { endpoints } from "#client/state/endpoints.ts";
import type { ProjectRecords } from "#client/state/project-records.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import type { InterfaceRecord } from "#core/schema/records/interface.ts";

const settleMs = 400;
/** Whoever drew it names it; after this long nobody did, and somebody else's browser does. */
const othersAfterMs = 8000;

/**
 * An interface that came into being by drawing gets its record, with a name, in the project's room: at once where the
 * server is reached, else when it is back.
 */
export function useNamedInterfaces(
  session: AnnotationSession,
  records: ProjectRecords,
  projectId: string,
  mayAnnotate: boolean,
): void {
  useEffect(() => {
    if (!mayAnnotate) return;
    const asked = new Set<string>();
    const firstSeenMs = new Map<string, number>();
    let timer: ReturnType<typeof setTimeout> | null = null;
    const soon = (afterMs = settleMs) => {
      timer ??= setTimeout(() => void nameThem(), afterMs);
    };
    const nameThem = async () => {
      timer = null;
      const { interfaces, synced } = records.getState();
      if (!synced || session.connection.getState().state !== "saved") return;
      const { document } = session.current.getState();
      const nameless = namelessInterfaces(document.annotations().values(), interfaces);
      const taken = interfaces.map(({ name }) => name);
      for (const [id, authorClient] of nameless) {
        if (asked.has(id)) continue;
        const since = firstSeenMs.get(id) ?? Date.now();
        firstSeenMs.set(id, since);
        if (authorClient !== document.doc.clientID && Date.now() - since < othersAfterMs) {
          soon(othersAfterMs);
          continue;
        }
        const name = freeName(taken);
        taken.push(name);
        asked.add(id);
        try {
          await endpoints.shared(projectId, {
            type: "put-interface",
            // Browsers that name at once see the same numbers free: the server decides, in the order they come.
            proposed: true,
            interface: { id, name, objectId: null, substrate: "", film: "" },
          });
        } catch {
          asked.delete(id);
          soon(othersAfterMs);
        }
      }
    };
    let leaveDocument = session.current.getState().document.subscribe(() => soon());
    const leave = [
      session.current.subscribe(({ document }) => {
        leaveDocument();
        leaveDocument = document.subscribe(() => soon());
      }),
      session.connection.subscribe(() => soon()),
      records.subscribe(() => soon()),
    ];
    soon();
    return () => {
      if (timer !== null) clearTimeout(timer);
      leaveDocument();
      for (const stop of leave) stop();
    };
  }, [session, records, projectId, mayAnnotate]);
}

/** Interfaces that traces speak of and the project has no record of, each with the client that drew its first trace. */
export function namelessInterfaces(
  annotations: Iterable<Annotation>,
  interfaces: readonly Pick<InterfaceRecord, "id">[],
): ReadonlyMap<string, number> {
  const known = new Set(interfaces.map(({ id }) => id));
  const nameless = new Map<string, number>();
  for (const { kind, interfaceId, authorClient } of annotations) {
    if (kind !== "interface-trace" || interfaceId === null || known.has(interfaceId)) continue;
    if (!nameless.has(interfaceId)) nameless.set(interfaceId, authorClient);
  }
  return nameless;
}

/** "Interface 1", or the next number that nobody uses. */
export function freeName(taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = `Interface ${number}`;
    if (!taken.includes(name)) return name;
  }
}
