import type { AnnotationKind } from "./annotation.ts";
import type { KindDefinition } from "./kind-definition.ts";
import { arc } from "./kinds/arc.ts";
import { arrow } from "./kinds/arrow.ts";
import { gap } from "./kinds/gap.ts";
import { interfaceTrace } from "./kinds/interface-trace.ts";
import { irradiatedArea } from "./kinds/irradiated-area.ts";
import { measurementLine } from "./kinds/measurement-line.ts";
import { pin } from "./kinds/pin.ts";
import { point } from "./kinds/point.ts";
import { profileLine } from "./kinds/profile-line.ts";
import { region } from "./kinds/region.ts";
import { ring } from "./kinds/ring.ts";
import { scope } from "./kinds/scope.ts";
import { spot } from "./kinds/spot.ts";
import { text } from "./kinds/text.ts";
import { wire } from "./kinds/wire.ts";

/** Every kind of annotation, by name. The compiler asks for one entry a kind. */
export const kinds: { readonly [Kind in AnnotationKind]: KindDefinition & { readonly kind: Kind } } = {
  region,
  "interface-trace": interfaceTrace,
  gap,
  "measurement-line": measurementLine,
  wire,
  "profile-line": profileLine,
  "irradiated-area": irradiatedArea,
  ring,
  spot,
  arc,
  point,
  text,
  arrow,
  pin,
  scope,
};

/** The definition of a kind, or undefined for a kind that a newer version brought. */
export function kindDefinition(kind: string): KindDefinition | undefined {
  return Object.hasOwn(kinds, kind) ? kinds[kind as AnnotationKind] : undefined;
}
