import type { Micrograph } from "#core/protocol/api/shapes.ts";

/** What a manifest says of a micrograph beside its pixels. */
export type ManifestFacts = Pick<Micrograph, "name" | "width" | "height" | "frames" | "calibration">;

export const presentationContext = "http://iiif.io/api/presentation/3/context.json";

/**
 * A micrograph as a IIIF Presentation 3.0 manifest: a canvas a frame, each with its image service, and the size of a
 * pixel where it is known (physical dimensions service, annex of the specification).
 *
 * @param origin what addresses begin with; @param id micrograph and signal, as in image addresses
 */
export function manifestOf(origin: string, id: string, facts: ManifestFacts) {
  const [micrographId, signal = "0"] = id.split(".") as [string, string?];
  const address = `${origin}/iiif/3/${id}`;
  const label = (text: string) => ({ none: [text] });
  const { width, height, frames, name } = facts;
  const scale = physicalScale(facts);
  return {
    "@context": presentationContext,
    id: `${address}/manifest.json`,
    type: "Manifest",
    label: label(name),
    items: Array.from({ length: frames }, (_, frame) => {
      const image = `${origin}/iiif/3/${micrographId}.${signal}.${frame}`;
      const canvas = `${address}/canvas/${frame}`;
      return {
        id: canvas,
        type: "Canvas",
        label: label(frames > 1 ? `${name}, frame ${frame + 1}` : name),
        width,
        height,
        ...(scale ? { service: [scale] } : {}),
        items: [
          {
            id: `${canvas}/page`,
            type: "AnnotationPage",
            items: [
              {
                id: `${canvas}/image`,
                type: "Annotation",
                motivation: "painting",
                target: canvas,
                body: {
                  id: `${image}/full/max/0/default.jpg`,
                  type: "Image",
                  format: "image/jpeg",
                  width,
                  height,
                  service: [{ id: image, type: "ImageService3", profile: "level2" }],
                },
              },
            ],
          },
        ],
      };
    }),
  };
}

/** Millimetres a pixel; of pixels that are not square, and of diffraction, there is no such number. */
function physicalScale({ calibration }: ManifestFacts) {
  if (calibration.state !== "calibrated" || calibration.unit !== "nm") return undefined;
  const { x, y } = calibration.pixelSize;
  if (x !== y) return undefined;
  return {
    "@context": "http://iiif.io/api/annex/services/physdim/1/context.json",
    profile: "http://iiif.io/api/annex/services/physdim",
    physicalScale: x * 1e-6,
    physicalUnits: "mm",
  };
}
