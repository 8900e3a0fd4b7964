import type { AnnotationClass, ClassAttribute } from "./annotation-class.ts";

const separation: readonly ClassAttribute[] = [
  {
    key: "separationPath",
    label: "Separation path",
    type: "choice",
    choices: ["at the interface", "within the film", "within the substrate", "mixed", "not determined"],
  },
  {
    key: "form",
    label: "Form",
    type: "choice",
    choices: ["gap", "buckle", "edge lift", "through-film crack", "not determined"],
  },
];
const damage: readonly ClassAttribute[] = [
  {
    key: "damage",
    label: "Damage",
    type: "choice",
    choices: ["mass loss/hole", "contamination", "amorphisation", "phase change", "bubbles", "unknown"],
  },
];

/**
 * The classes a new project starts with. Colours are those of Okabe & Ito (jfly.uni-koeln.de/color, 2008), which stay
 * apart for every kind of colour vision; each is doubled by a line pattern of its own, for print and for grey screens.
 */
export const defaultClasses: readonly AnnotationClass[] = [
  {
    id: "delamination",
    name: "Delamination",
    colour: "#d55e00",
    pattern: "solid",
    role: "delamination",
    key: "1",
    attributes: separation,
  },
  {
    id: "beam-damage",
    name: "Beam damage",
    colour: "#cc79a7",
    pattern: "dashed",
    role: "damage",
    key: "2",
    attributes: damage,
  },
  {
    id: "film",
    name: "Film",
    colour: "#56b4e9",
    pattern: "long-dash",
    role: "film",
    key: "3",
    attributes: [],
  },
  {
    id: "substrate",
    name: "Substrate",
    colour: "#009e73",
    pattern: "dash-dot",
    role: "substrate",
    key: "4",
    attributes: [],
  },
  { id: "core", name: "Core", colour: "#f0e442", pattern: "double", role: "core", key: "5", attributes: [] },
  {
    id: "residual-film",
    name: "Residual film",
    colour: "#0072b2",
    pattern: "dotted",
    role: "residual-film",
    key: "6",
    attributes: [],
  },
  { id: "void", name: "Void", colour: "#e69f00", pattern: "dotted", role: "void", key: "7", attributes: [] },
  {
    id: "crack",
    name: "Crack",
    colour: "#e69f00",
    pattern: "dashed",
    role: "crack",
    key: "8",
    attributes: [],
  },
  {
    id: "contamination",
    name: "Contamination",
    colour: "#999999",
    pattern: "dash-dot",
    role: "contamination",
    key: "9",
    attributes: [],
  },
];
