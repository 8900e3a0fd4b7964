import type { NumberedFrames } from "#core/formats/numbered-frames.ts";
import type { DroppedFile } from "./dropped-files.ts";

/** Which frame of which stack a file is; goes with its upload. */
export interface StackPlace {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  readonly index: number;
}

/** Files of an upload that may be the frames of one stack. */
export async function stacksAmong(files: readonly DroppedFile[]): Promise<readonly NumberedFrames[]> {
  if (files.length < 2) return [];
  const { findNumberedFrames } = await import("#core/formats/numbered-frames.ts");
  return findNumberedFrames(files.map(({ path }) => path));
}

/** The same files, those of the chosen stacks with their places in them. */
export function placedInStacks(
  files: readonly DroppedFile[],
  stacks: readonly NumberedFrames[],
): readonly (DroppedFile & { readonly stack?: StackPlace })[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const places = new Map<string, StackPlace>();
  for (const { name, paths } of stacks) {
    const said = paths.map((path) => {
      const { size, lastModified } = byPath.get(path)!.file;
      return `${path}|${size}|${lastModified}`;
    });
    const id = `s${nameOfText(said.join("\n"))}`;
    for (const [index, path] of paths.entries()) places.set(path, { id, name, count: paths.length, index });
  }
  return files.map((file) => {
    const stack = places.get(file.path);
    return stack ? { ...file, stack } : file;
  });
}

/** The same for the same text, so that an upload that is taken up after a reload goes on into its stack (FNV-1a). */
function nameOfText(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return [a, b].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
}
