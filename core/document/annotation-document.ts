import type * as Y from "yjs";
import type { Annotation, InvalidRecord } from "#core/schema/annotation.ts";
import type { AnnotationCommand } from "./commands.ts";
import type { UndoOutcome } from "./undo-outcome.ts";

export interface AnnotationChange {
  /** Created, edited, restored. */
  readonly changed: ReadonlySet<string>;
  /** Deleted, purged, or no longer valid. */
  readonly removed: ReadonlySet<string>;
  /** True where this document's own command, undo or redo made the change. */
  readonly local: boolean;
}

/** The annotations of one room: typed reads, one transaction a command, undo of one's own gestures. */
export interface AnnotationDocument {
  readonly doc: Y.Doc;
  /** Rises with every change: the snapshot for useSyncExternalStore. */
  readonly version: number;
  /** Live marks by id. One and the same map for the life of the document, kept up to date. */
  annotations(): ReadonlyMap<string, Annotation>;
  /** A live or deleted mark. */
  get(id: string): Annotation | undefined;
  deletedAnnotations(): ReadonlyMap<string, Annotation>;
  invalid(): readonly InvalidRecord[];
  /** One gesture: one transaction, one undo step. @throws DocumentError, and changes nothing then */
  execute(command: AnnotationCommand): void;
  undo(): UndoOutcome;
  redo(): UndoOutcome;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  subscribe(listener: (change: AnnotationChange) => void): () => void;
  /** Stop listening to the Y.Doc. */
  close(): void;
}

/** Annotations of `doc`. `random` (uniform in [0,1)) makes vertex ids; by default from crypto. */
export declare function openAnnotationDocument(
  doc: Y.Doc,
  options?: { readonly random?: () => number },
): AnnotationDocument;
