import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { ApiError } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import type { OpenWorkspace } from "#client/state/open-workspace.ts";
import { toast, withdrawToasts } from "#client/state/toast-store.ts";
import type { Resource } from "#client/state/use-resource.ts";
import type { Gallery } from "#core/protocol/api/shapes.ts";
import { type Role, roleAllows } from "#core/protocol/roles.ts";
import { roleWords } from "./role-words.ts";

/** What one cannot see any more: the whole project, or this micrograph of it. */
export type Lost = "project" | "micrograph";

const askAgainMs = 2000;

export function saysNotForYou(error: Error | null): boolean {
  return error instanceof ApiError && (error.status === 403 || error.status === 404);
}

/**
 * Keeps the page true to one's rights while it is open. The server closes the rooms' sockets when they change; then the
 * project is asked for anew, and either the rooms open again in the new role or what was lost is said.
 */
export function useRoomAccess(
  micrographId: string,
  opened: OpenWorkspace,
  gallery: Resource<Gallery> & { readonly value: Gallery },
): Lost | null {
  const [lost, setLost] = useState<Lost | null>(null);
  const told = useStore(opened.session.connection);
  // What was refused waits in its rescue; how the room stands since then is what counts here.
  const connection = told.state === "refused" ? told.since : told;
  const { project } = gallery.value;
  const { refetch } = gallery;
  const ended = connection.state === "no-right" || connection.state === "gone";
  const signedOut = connection.state === "signed-out";

  useEffect(() => {
    if (!ended) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let left = false;
    const ask = async () => {
      const found = await lostOf(project.id, micrographId);
      if (left) return;
      if (found === "unknown") timer = setTimeout(() => void ask(), askAgainMs);
      else if (found !== null) setLost(found);
      else {
        await refetch();
        opened.reconnect();
      }
    };
    void ask();
    return () => {
      left = true;
      if (timer !== null) clearTimeout(timer);
    };
  }, [ended, project.id, micrographId, opened, refetch]);

  // Somebody may have been taken out while the line was down.
  const refused = saysNotForYou(gallery.error);
  useEffect(() => {
    if (refused) setLost("project");
  }, [refused]);

  // Whoever signed in again in another tab comes back to this one.
  useEffect(() => {
    if (!signedOut) return;
    const comeBack = () => opened.reconnect();
    addEventListener("focus", comeBack);
    return () => removeEventListener("focus", comeBack);
  }, [signedOut, opened]);

  // Another role ends the connection, which comes back by itself: with the role as it is now.
  const connected = connection.state === "saved" || connection.state === "saving";
  const wasConnected = useRef(false);
  useEffect(() => {
    if (connected && wasConnected.current) void refetch();
    if (connected) wasConnected.current = true;
  }, [connected, refetch]);

  const mayWrite = connection.state === "saved" ? connection.mayWrite : null;
  useEffect(() => {
    if (mayWrite !== null && mayWrite !== roleAllows(project.role, "annotate")) void refetch();
  }, [mayWrite, project.role, refetch]);

  useRoleNews(project.role);
  useEffect(() => {
    if (lost !== null) withdrawToasts("role");
  }, [lost]);
  return lost;
}

/** "unknown" where the server does not answer. */
async function lostOf(projectId: string, micrographId: string): Promise<Lost | null | "unknown"> {
  for (const [what, question] of [
    ["project", () => endpoints.gallery(projectId)],
    ["micrograph", () => endpoints.micrograph(micrographId)],
  ] as const) {
    try {
      await question();
    } catch (error) {
      return saysNotForYou(error as Error) ? what : "unknown";
    }
  }
  return null;
}

/** Says once what a new role lets one do. */
export function useRoleNews(role: Role | null): void {
  const before = useRef(role);
  useEffect(() => {
    if (before.current !== null && role !== null && before.current !== role)
      toast(`Your role in this project is now ${role}: you can ${roleWords[role]}.`, "warning", "role");
    before.current = role;
  }, [role]);
}
