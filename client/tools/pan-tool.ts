import { stay, type Tool } from "./tool.ts";

/** The hand: every drag moves the picture, which the pointer router sees to. */
export const panTool: Tool<null> = {
  idle: null,
  cursor: "grab",
  busy: () => false,
  step: (state) => stay(state),
};
