import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { MicrographCanvas } from "#client/layers/micrograph-canvas.tsx";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { sessionInTime } from "#client/session/session-in-time.ts";
import { useDiscussionStore } from "#client/state/discussion-store.ts";
import { useDisplayStore } from "#client/state/display-store.ts";
import { keepingDraft } from "#client/state/draft-store.ts";
import { stationIndexAt, useGapStore } from "#client/state/gap-store.ts";
import { measureLive } from "#client/state/live-measurements.ts";
import { shownPast, useMomentStore } from "#client/state/moment-store.ts";
import { useProbeStore } from "#client/state/probe-store.ts";
import { useProfileStore } from "#client/state/profile-store.ts";
import { addressOfMicrograph, viewOf } from "#client/state/router.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { followStackLog, useStackLogStore } from "#client/state/stack-log-store.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import { roleAllows } from "#core/protocol/roles.ts";
import { AnalysisPanels } from "./analysis-panels.tsx";
import { CalibrationBanner } from "./calibration-banner.tsx";
import { CommentPlaces } from "./comment-places.tsx";
import { Doorbell } from "./doorbell.tsx";
import { FirstHints } from "./first-hints.tsx";
import { Inspector, type InspectorTab } from "./inspector.tsx";
import { FollowBanner } from "./people.tsx";
import { SeriesStrip } from "./series-strip.tsx";
import { StatusLine } from "./status-line.tsx";
import { ToolPalette } from "./tool-palette.tsx";
import { TopBar } from "./top-bar.tsx";
import { useNamedInterfaces } from "./use-named-interfaces.ts";
import { useWorkspaceKeys } from "./use-workspace-keys.ts";
import styles from "./workspace.module.css";
import {
  useRight,
  useWorkspace,
  WorkspaceContext,
  type Workspace as WorkspaceValue,
} from "./workspace-context.ts";

const HistoryBanner = lazyPart(() => import("./history-banner.tsx"));
const ShareDialog = lazyPart(() => import("./share-dialog.tsx"));
const ExportDialog = lazyPart(() => import("./export-dialog.tsx"));
const KeysHelp = lazyPart(() => import("./keys-help.tsx"));
const CommandPalette = lazyPart(() => import("./command-palette.tsx"));
const CalibrateDialog = lazyPart(() => import("./calibrate-dialog.tsx"));
const VisitBanner = lazyPart(() => import("./visit-banner.tsx"));
const LogStrip = lazyPart(() => import("./log-strip.tsx"));

type Dialog = "share" | "export" | "keys" | "palette";

/** One micrograph with everything around it. */
export function Workspace({ value }: { readonly value: Omit<WorkspaceValue, "viewer"> }) {
  const [viewer, setViewer] = useState<MicrographViewer | null>(null);
  // Panels and picture show the moment that is looked at; what writes does so now.
  const session = useMemo(() => sessionInTime(value.session, shownPast), [value.session]);
  const workspace = useMemo(() => ({ ...value, session, viewer }), [value, session, viewer]);
  const { micrograph, project, gallery } = workspace;
  const [tab, setTab] = useState<InspectorTab>("annotations");
  const [inspectorShown, setInspectorShown] = useState(innerWidth > 700);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  const openDialog = useCallback((what: Dialog) => setDialog(what), []);
  const show = useCallback((next: InspectorTab) => {
    setTab(next);
    setInspectorShown(true);
  }, []);

  const moment = useMomentStore((state) => state.moment);
  const knownFeature = useToolStore((state) => state.knownFeature);

  useWorkspaceKeys(workspace, openDialog);
  useEffect(() => measureLive(session, micrograph.calibration), [session, micrograph.calibration]);
  const annotate = roleAllows(project.role, "annotate");
  useNamedInterfaces(value.session, value.records, project.id, annotate);
  useFreshStores(annotate);
  useShowNewGaps(show);
  const showDiscussion = useCallback(() => show("discussion"), [show]);
  usePinsOpenTheirThread(workspace, showDiscussion);

  const sharedView = () => {
    const view = viewer?.viewport();
    return view ? { x: view.centre.x, y: view.centre.y, width: view.widthPx / view.scale } : null;
  };

  return (
    <WorkspaceContext value={workspace}>
      <div className={styles.workspace} data-inspector={inspectorShown}>
        <div className={styles.top}>
          <TopBar
            open={openDialog}
            inspectorShown={inspectorShown}
            toggleInspector={() => setInspectorShown((shown) => !shown)}
          />
          {project.visit && <VisitBanner projectId={project.id} visit={project.visit} />}
        </div>
        <main className={styles.picture}>
          <Picture onReady={setViewer} />
          <CommentPlaces show={showDiscussion} />
          <CalibrationBanner calibrate={() => show("info")} />
          <FollowBanner />
          {moment && <HistoryBanner moment={moment} />}
          <FirstHints />
          <AnalysisPanels />
        </main>
        <ToolPalette />
        <div className={styles.foot}>
          {micrograph.frames > 1 && <Log />}
          <StatusLine />
          <SeriesStrip />
        </div>
        {inspectorShown && <Inspector tab={tab} show={show} />}
      </div>
      {dialog !== "share" && <Doorbell project={project} />}
      {knownFeature && <CalibrateDialog {...knownFeature} />}
      {dialog === "share" && (
        <ShareDialog
          project={project}
          close={close}
          path={addressOfMicrograph(micrograph.id, sharedView())}
        />
      )}
      {dialog === "export" && <ExportDialog gallery={gallery} close={close} />}
      {dialog === "keys" && <KeysHelp close={close} />}
      {dialog === "palette" && (
        // The palette closes after its action: what the action opened stays.
        <CommandPalette
          close={() => setDialog((current) => (current === "palette" ? null : current))}
          openDialog={openDialog}
          showTab={show}
        />
      )}
    </WorkspaceContext>
  );
}

/** The log of a stack's experiment, under the picture when it is looked at. */
function Log() {
  const { micrograph, records } = useWorkspace();
  const shown = useStackLogStore((state) => state.shown);
  useEffect(() => followStackLog(micrograph.id, records), [micrograph.id, records]);
  return <>{shown && <LogStrip />}</>;
}

function Picture({ onReady }: { readonly onReady: (viewer: MicrographViewer) => void }) {
  const { micrograph, session, records } = useWorkspace();
  const classes = useStore(records, (state) => state.classes);
  const annotate = useRight("annotate");
  // A copy of my drafts stays here for the numbers.
  const room = useMemo(
    () => ({ current: session.current, presence: keepingDraft(session.presence) }),
    [session],
  );
  const ready = useCallback(
    (viewer: MicrographViewer) => {
      const view = viewOf(location.search);
      if (view) viewer.lookAt(view);
      onReady(viewer);
    },
    [onReady],
  );
  return (
    <MicrographCanvas
      micrograph={micrograph}
      session={room}
      classes={classes}
      readOnly={!annotate.allowed}
      onReady={ready}
      probe={useProbePoints()}
    />
  );
}

/** Where a plot's cursor stands on the picture, image px: the two ends of the gap there, or of the profile's strip. */
function useProbePoints() {
  const place = useProfileStore((state) => state.place);
  const { interfaceId, station } = useProbeStore();
  const gaps = useGapStore((state) => state.gaps);
  return useMemo(() => {
    if (place) return { substrate: place.from, film: place.to };
    if (interfaceId === null || station === null) return null;
    const gap = gaps.find(({ key, pair }) => (pair.substrate.interfaceId ?? key) === interfaceId);
    if (!gap?.report.ok) return null;
    const { s, substrateX, substrateY, filmX, filmY } = gap.report.stations;
    const i = stationIndexAt(s, station);
    const film = Number.isNaN(filmX[i]!) ? null : { x: filmX[i]!, y: filmY[i]! };
    return { substrate: { x: substrateX[i]!, y: substrateY[i]! }, film };
  }, [place, interfaceId, station, gaps]);
}

/** Another micrograph starts with its own contrast, its first frame and nothing selected; who cannot draw, or has no mouse, moves it. */
function useFreshStores(annotate: boolean) {
  useEffect(() => {
    const touch = matchMedia("(pointer: coarse)").matches;
    if (!annotate || (touch && useToolStore.getState().tool === "select"))
      useToolStore.getState().setTool("pan");
  }, [annotate]);
  useEffect(() => {
    useDiscussionStore.setState({ threadId: null, place: null, asked: 0 });
    useSelectionStore.setState({ selected: [], hovered: null });
    useProbeStore.setState({ interfaceId: null, station: null, pointer: null });
    return () => {
      useDisplayStore.getState().startAnew();
      useMomentStore.getState().show(null);
    };
  }, []);
}

/** While I trace, a gap that appears brings its number to the front. */
function useShowNewGaps(show: (tab: InspectorTab) => void) {
  const count = useGapStore((state) => state.gaps.length);
  const before = useRef(count);
  useEffect(() => {
    if (count > before.current && useToolStore.getState().tool === "trace") show("measurements");
    before.current = count;
  }, [count, show]);
}

/** A pin is there for what is said about it: choosing one brings its conversation, or the field to begin it. */
function usePinsOpenTheirThread({ session, records }: WorkspaceValue, showDiscussion: () => void) {
  useEffect(
    () =>
      useSelectionStore.subscribe(({ selected }, before) => {
        const [id] = selected;
        if (selected.length !== 1 || id === before.selected[0]) return;
        if (session.current.getState().document.get(id!)?.kind !== "pin") return;
        const thread = records.getState().threads.find(({ annotationId }) => annotationId === id);
        const { openThread, beginAt } = useDiscussionStore.getState();
        if (thread) openThread(thread.id);
        else beginAt(null);
        showDiscussion();
      }),
    [session, records, showDiscussion],
  );
}
