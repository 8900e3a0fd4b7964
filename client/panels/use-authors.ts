import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { endpoints } from "#client/state/endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { useDocument } from "./use-document.ts";
import { useWorkspace } from "./workspace-context.ts";

/**
 * Who drew a mark. The server says whose each client id is; what it said once is kept, so that names stay on a lost
 * connection. A mark of this page is mine before the server has heard of it.
 */
export function useAuthors(): (mark: Annotation) => string | null {
  const { session, micrograph } = useWorkspace();
  const { document, version } = useDocument(session);
  const saved = useStore(session.connection, ({ state }) => state === "saved");
  const me = usePersonStore((state) => state.principal?.name ?? null);
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const asked = useRef("");
  // The map is one and the same object: the version says when it changed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const clients = useMemo(() => {
    const found = new Set<number>();
    for (const { authorClient } of document.annotations().values()) found.add(authorClient);
    return found;
  }, [document, version]);
  const unknown = [...clients].filter((client) => names[client] === undefined).sort();
  const question = `${micrograph.id} ${unknown.join(" ")}`;
  const missing = unknown.length > 0;
  useEffect(() => {
    // Asked once for the same unknown ones: somebody whom the server does not know either is not asked for again and again.
    if (!saved || !missing || asked.current === question) return;
    asked.current = question;
    endpoints.authors(formatRoomName({ kind: "annotations", micrographId: micrograph.id })).then(
      ({ authors }) => {
        const told = Object.entries(authors).map(([client, { name }]) => [client, name] as const);
        setNames((before) => ({ ...before, ...Object.fromEntries(told) }));
      },
      () => {
        asked.current = "";
      },
    );
  }, [saved, missing, question, micrograph.id]);
  return useCallback(
    ({ authorClient }: Annotation) =>
      names[authorClient] ?? (authorClient === document.doc.clientID ? me : null),
    [names, document, me],
  );
}
