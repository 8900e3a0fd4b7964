/** What a class means to measurements and exports: a closed list, whatever the project calls it. */
export const classRoles = [
  "delamination",
  "damage",
  "film",
  "substrate",
  "core",
  "residual-film",
  "void",
  "crack",
  "vacuum",
  "support",
  "contamination",
  "artefact",
  "source",
  "other",
] as const;
export type ClassRole = (typeof classRoles)[number];

/** Line patterns double the colours, so that classes stay apart for every eye and in print. */
export const linePatterns = ["solid", "dashed", "dotted", "dash-dot", "long-dash", "double"] as const;
export type LinePattern = (typeof linePatterns)[number];

export interface ClassAttribute {
  readonly key: string;
  readonly label: string;
  readonly type: "choice" | "text" | "number" | "boolean";
  readonly choices?: readonly string[];
  readonly unit?: string;
}

/** A project's class: data, not code. Lives in `project:<id>:shared`. */
export interface AnnotationClass {
  readonly id: string;
  readonly name: string;
  /** #rrggbb, from a colour-blind safe palette by default. */
  readonly colour: string;
  readonly pattern: LinePattern;
  readonly role: ClassRole;
  /** Shortcut "1" … "9", or null. */
  readonly key: string | null;
  readonly attributes: readonly ClassAttribute[];
}
