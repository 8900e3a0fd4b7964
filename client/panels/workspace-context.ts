import { createContext, useContext } from "react";
import type { AnnotationSession } from "#client/session/annotation-session.ts";
import { useMomentStore } from "#client/state/moment-store.ts";
import type { ProjectRecords } from "#client/state/project-records.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import type { Gallery, Micrograph, Project } from "#core/protocol/api/shapes.ts";
import { type Right, roleAllows } from "#core/protocol/roles.ts";

/** What every panel of the workspace stands on. */
export interface Workspace {
  readonly micrograph: Micrograph;
  readonly project: Project;
  readonly gallery: Gallery;
  readonly session: AnnotationSession;
  /** Classes, objects and interfaces of the project; conversation and calibration of the micrograph. */
  readonly records: ProjectRecords;
  /** null until the picture is there. */
  readonly viewer: MicrographViewer | null;
  /** Ask the server for the micrograph and the gallery around it again: after a calibration or a description. */
  refetchMicrograph(): Promise<void>;
}

export const WorkspaceContext = createContext<Workspace | null>(null);

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error("A panel of the workspace was rendered outside of it.");
  return workspace;
}

/** Whether I may do it here, and the sentence for a disabled control where not. */
export function useRight(right: Right): { readonly allowed: boolean; readonly reason: string } {
  const { project } = useWorkspace();
  const past = useMomentStore((state) => state.moment !== null);
  const allowed = roleAllows(project.role, right, project.mayDownloadOriginals);
  if (allowed && past && right === "annotate")
    return { allowed: false, reason: "You look at an earlier moment. Go back to now to draw." };
  return {
    allowed,
    reason: allowed
      ? ""
      : `As ${project.role} you cannot ${right === "annotate" ? "draw" : right} here. Ask an owner of “${project.name}”.`,
  };
}
