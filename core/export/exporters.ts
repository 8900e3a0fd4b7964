import { cocoExporter } from "./coco.ts";
import type { Exporter } from "./exporter.ts";
import { lamellaJsonExporter } from "./lamella-json.ts";
import { measurementsCsvExporter } from "./measurements-csv.ts";

/** Every format that datasets leave in. */
export const exporters: readonly Exporter[] = [cocoExporter, lamellaJsonExporter, measurementsCsvExporter];
