import type { AnnotationCommand } from "#core/document/commands.ts";
import type { Annotation } from "#core/schema/annotation.ts";

/**
 * Two traces made the two sides of one interface: the gap between them is measured from then on. Which is the substrate
 * is kept where the two differ in it; else the one selected first is.
 *
 * @returns null where the marks are no two traces that may be changed
 */
export function pairTraces(
  marks: readonly (Annotation | undefined)[],
  newId: () => string,
): AnnotationCommand | null {
  const [a, b, ...more] = marks;
  if (!a || !b || more.length > 0) return null;
  if ([a, b].some(({ kind, locked }) => kind !== "interface-trace" || locked)) return null;
  const substrate = a.body !== "substrate" && b.body === "substrate" ? b : a;
  const film = substrate === a ? b : a;
  const interfaceId = substrate.interfaceId ?? film.interfaceId ?? newId();
  return {
    type: "together",
    commands: [
      { type: "set-fields", id: substrate.id, fields: { interfaceId, body: "substrate" } },
      { type: "set-fields", id: film.id, fields: { interfaceId, body: "film" } },
    ],
  };
}
