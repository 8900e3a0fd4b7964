import { useEffect } from "react";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { regionAbout, useFourierStore } from "#client/state/fourier-store.ts";
import { useProfileStore } from "#client/state/profile-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import { boundingBox } from "#core/geometry/spatial-index.ts";
import { useProfileLine } from "./profile-line.ts";
import { useWorkspace, type Workspace } from "./workspace-context.ts";

const ProfilePanel = lazyPart(() => import("./profile-panel.tsx"));
const FourierPanel = lazyPart(() => import("./fourier-panel.tsx"));

/** What is worked out from the picture while one looks at it: profile and Fourier transform, over the picture, loaded when first used. */
export function AnalysisPanels() {
  const workspace = useWorkspace();
  const line = useProfileLine();
  const fourierOpen = useFourierStore((state) => state.open);
  const tool = useToolStore((state) => state.tool);
  useEffect(() => {
    if (tool === "fourier") openFourier(workspace);
  }, [tool, workspace]);
  useEffect(
    () => () => {
      useFourierStore.setState({ open: false, region: null, spots: [] });
      useProfileStore.setState({ askedFor: null, dismissed: null, place: null });
    },
    [],
  );
  return (
    <>
      {line && <ProfilePanel line={line} />}
      {fourierOpen && <FourierPanel />}
    </>
  );
}

/** A square to begin with: about the selected region, else in the middle of what is seen. */
export function openFourier({ viewer, micrograph, session }: Workspace): void {
  const { region, setOpen, setRegion } = useFourierStore.getState();
  setOpen(true);
  if (region || !viewer) return;
  const [only, ...more] = useSelectionStore.getState().selected;
  const mark = only && more.length === 0 ? session.current.getState().document.get(only) : undefined;
  const ring = mark?.outline.rings.find(({ closed }) => closed);
  if (ring) {
    const { minX, minY, maxX, maxY } = boundingBox(ring.vertices);
    const middle = { x: (minX + maxX) / 2, y: (minY + maxY) / 2 };
    setRegion(regionAbout(middle, Math.min(maxX - minX, maxY - minY), micrograph));
    return;
  }
  const { centre, widthPx, heightPx, scale } = viewer.viewport();
  const side = Math.min(512, (0.7 * Math.min(widthPx, heightPx)) / scale);
  setRegion(regionAbout(centre, side, micrograph));
}

/** The profile of the selected line, whatever it was drawn as. @returns false where no line is selected */
export function plotProfile({ session }: Workspace): boolean {
  const [only, ...more] = useSelectionStore.getState().selected;
  const mark = only && more.length === 0 ? session.current.getState().document.get(only) : undefined;
  if (mark?.kind !== "profile-line" && mark?.kind !== "measurement-line") return false;
  useProfileStore.getState().ask(mark.id);
  return true;
}
