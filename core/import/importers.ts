import { cocoImporter } from "./coco.ts";
import type { Importer } from "./importer.ts";
import { lamellaJsonImporter } from "./lamella-json.ts";

/** Every format that marks come in from. */
export const importers: readonly Importer[] = [lamellaJsonImporter, cocoImporter];
