import "@mantine/spotlight/styles.css";
import { createSpotlight, Spotlight, type SpotlightActionData } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useEffect } from "react";
import { useFollowStore } from "#client/state/follow-store.ts";
import { neighboursOf } from "#client/state/gallery-groups.ts";
import { addressOfMicrograph, addressOfProject, navigate } from "#client/state/router.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import { undoOrRedo } from "#client/state/workspace-commands.ts";
import { plotProfile } from "./analysis-panels.tsx";
import type { InspectorTab } from "./inspector.tsx";
import { allTools } from "./tools.ts";
import { useRight, useWorkspace, type Workspace } from "./workspace-context.ts";

const [store, palette] = createSpotlight();

interface PaletteProps {
  readonly close: () => void;
  readonly openDialog: (what: "share" | "export" | "keys") => void;
  readonly showTab: (tab: InspectorTab) => void;
}

/** Everything by name, also by the names other programs use. Loaded when first asked for. */
export default function CommandPalette({ close, openDialog, showTab }: PaletteProps) {
  const workspace = useWorkspace();
  const annotate = useRight("annotate");
  useEffect(() => void palette.open(), []);
  const tools: SpotlightActionData[] = allTools
    .filter(({ draws }) => !draws || annotate.allowed)
    .map(({ id, label, key, hint, otherNames, icon: Icon }) => ({
      id: `tool ${id}`,
      label,
      description: `${key} · ${hint}`,
      keywords: otherNames,
      leftSection: <Icon size={18} />,
      onClick: () => useToolStore.getState().setTool(id),
    }));
  return (
    <Spotlight
      store={store}
      shortcut={null}
      actions={[...tools, ...plainActions(workspace, openDialog, showTab)]}
      onSpotlightClose={close}
      lockScroll={false}
      overlayProps={{ backgroundOpacity: 0.45, blur: 0 }}
      highlightQuery
      scrollable
      maxHeight={420}
      nothingFound="Nothing by that name"
      searchProps={{ leftSection: <IconSearch size={18} />, placeholder: "Tools, states, commands …" }}
    />
  );
}

function plainActions(
  workspace: Workspace,
  openDialog: PaletteProps["openDialog"],
  showTab: PaletteProps["showTab"],
): SpotlightActionData[] {
  const { viewer, session, gallery, micrograph, project } = workspace;
  const action = (label: string, onClick: () => void, keywords = ""): SpotlightActionData => ({
    id: label,
    label,
    keywords,
    onClick,
  });
  const { marksVisible, setMarksVisible } = useSelectionStore.getState();
  const states = (neighboursOf(gallery, micrograph.id)?.micrographs ?? [])
    .filter(({ id }) => id !== micrograph.id)
    .map((member) =>
      action(
        `Go to ${member.state?.label ?? member.name}`,
        () => navigate(addressOfMicrograph(member.id)),
        "state series",
      ),
    );
  return [
    action("Undo", () => undoOrRedo(session, "undo")),
    action("Redo", () => undoOrRedo(session, "redo")),
    action("Fit the picture", () => viewer?.fit(), "zoom to fit, view 100%"),
    action("One to one", () => viewer?.oneToOne(), "100 %, actual size"),
    action(
      marksVisible ? "Hide the marks" : "Show the marks",
      () => setMarksVisible(!marksVisible),
      "overlay",
    ),
    action(
      "Plot the profile of the selected line",
      () => {
        if (!plotProfile(workspace))
          toast("Select one line first, or draw one with the Line profile tool (L).", "plain");
      },
      "plot profile, line profile, intensity profile",
    ),
    action("Annotations", () => showTab("annotations"), "roi manager, list of marks"),
    action("Measurements", () => showTab("measurements"), "results table, gap, numbers"),
    action("Display", () => showTab("display"), "brightness contrast, histogram, gamma, lut, window level"),
    action("Discussion", () => showTab("discussion"), "comments"),
    action("Calibrate", () => showTab("info"), "set scale…, pixel size, properties, calibrate image"),
    action(
      "Calibrate by a lattice spacing",
      () => {
        useToolStore.getState().setTool("fourier");
        toast("Click a spot of the Fourier transform, then Calibrate …", "plain");
      },
      "lattice, set scale, calibrate from diffractogram, fringes",
    ),
    action(
      "Bring everyone here",
      () => useFollowStore.getState().present(true),
      "present, share my view, spotlight",
    ),
    action("History", () => showTab("history"), "versions, earlier state, restore, who did what, log"),
    action("Information and tags", () => showTab("info"), "show info, metadata, tag inspector"),
    action("Share", () => openDialog("share"), "invite, link"),
    action("Export", () => openDialog("export"), "coco, csv, json, download, save as"),
    action("Keys", () => openDialog("keys"), "shortcuts, help"),
    action(`To the project ${project.name}`, () => navigate(addressOfProject(project.id)), "gallery, back"),
    ...states,
  ];
}
