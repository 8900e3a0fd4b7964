import { Progress } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { Workspace } from "#client/panels/workspace.tsx";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { sentenceOf } from "#client/state/api-client.ts";
import { useDisplayStore } from "#client/state/display-store.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { type OpenWorkspace, openWorkspace } from "#client/state/open-workspace.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { addressOfMicrograph, addressOfProject, navigate } from "#client/state/router.ts";
import { type UnsavedMarks, watchUnsavedMarks } from "#client/state/unsaved-marks.ts";
import { type Resource, useResource } from "#client/state/use-resource.ts";
import type { Gallery, Micrograph } from "#core/protocol/api/shapes.ts";
import { PageFrame } from "./page-frame.tsx";
import { PageMessage, PageWaiting } from "./page-message.tsx";
import { saysNotForYou, useRoomAccess } from "./use-room-access.ts";

const AccessKept = lazyPart(() => import("#client/panels/access-kept.tsx"));
const AccessLost = lazyPart(() => import("#client/panels/access-lost.tsx"), <PageWaiting />);

const preparingRefreshMs = 1000;
const galleryRefreshMs = 20_000;

/** A micrograph's own page: waits until its picture is prepared, then opens its rooms and the workspace on them. */
export default function MicrographPage({ micrographId }: { readonly micrographId: string }) {
  const micrograph = useResource(
    `micrograph ${micrographId}`,
    () => endpoints.micrograph(micrographId),
    (value) =>
      value && (value.status === "queued" || value.status === "running") ? preparingRefreshMs : null,
  );
  const projectId = micrograph.value?.projectId ?? null;
  const principalId = usePersonStore((state) => state.principal?.id ?? null);
  const gallery = useResource(
    projectId && `gallery ${projectId}`,
    () => endpoints.gallery(projectId!),
    galleryRefreshMs,
  );
  useEffect(() => {
    const name = micrograph.value?.state?.label ?? micrograph.value?.name;
    document.title = name ? `${name} · Lamella` : "Lamella";
    return () => {
      document.title = "Lamella";
    };
  }, [micrograph.value]);

  const [refetchOne, refetchAll] = [micrograph.refetch, gallery.refetch];
  const refetchBoth = useCallback(async () => {
    await Promise.all([refetchOne(), refetchAll()]);
  }, [refetchOne, refetchAll]);

  const leads = useLeader(micrographId, micrograph.value);
  useArrivingSignals(micrograph, gallery.value);

  const error = (!micrograph.value && micrograph.error) || (!gallery.value && gallery.error);
  if (error) {
    return (
      <PageFrame>
        <PageMessage
          tone="danger"
          title="This micrograph cannot be opened"
          text={
            <>
              {sentenceOf(error)}
              {principalId && saysNotForYou(error) && (
                <AccessKept micrographId={micrographId} principalId={principalId} />
              )}
            </>
          }
          action={{ label: "To the projects", run: () => navigate("/") }}
        />
      </PageFrame>
    );
  }
  if (!micrograph.value || !gallery.value || leads) return <PageWaiting />;
  if (micrograph.value.status !== "ready") return <NotReady micrograph={micrograph.value} />;
  return (
    <Rooms
      micrograph={micrograph.value}
      gallery={{ ...gallery, value: gallery.value }}
      refetchMicrograph={refetchBoth}
    />
  );
}

/**
 * The address of a file that is a signal of another micrograph leads there, to this signal. Not once it is open: then
 * somebody may be drawing.
 */
function useLeader(micrographId: string, micrograph: Micrograph | null): boolean {
  const open = useRef<string | null>(null);
  const shown = micrograph?.id === micrographId ? micrograph : null;
  const { micrographId: leaderId, signal } = shown?.signalOf ?? {};
  const leads = leaderId !== undefined && open.current !== micrographId;
  useEffect(() => {
    if (shown?.status === "ready" && !leads) open.current = micrographId;
    if (!leads) return;
    useDisplayStore.getState().setSignal(signal ?? "0");
    navigate(addressOfMicrograph(leaderId), { replace: true });
  }, [micrographId, shown, leads, leaderId, signal]);
  return leads;
}

/** Another file of the acquisition has come: its signal can be chosen without opening the page again. */
function useArrivingSignals(micrograph: Resource<Micrograph>, gallery: Gallery | null) {
  const { value, refetch } = micrograph;
  const known = gallery?.micrographs.find(({ id }) => id === value?.id);
  const titles = (one: Micrograph) => one.signals.map(({ title }) => title).join("\n");
  const differs = value?.status === "ready" && known !== undefined && titles(known) !== titles(value);
  useEffect(() => {
    if (differs) void refetch();
  }, [differs, refetch]);
}

function NotReady({ micrograph }: { readonly micrograph: Micrograph }) {
  const failed = micrograph.status === "failed";
  return (
    <PageFrame crumb={micrograph.name}>
      <PageMessage
        tone={failed ? "danger" : "plain"}
        title={failed ? "This file could not be read" : "The picture is being prepared"}
        text={
          failed ? (
            (micrograph.reason ?? "No reason was given.")
          ) : (
            <>
              Its pyramid is being built; this page opens by itself.
              <Progress value={micrograph.progress * 100} mt={16} size={4} w={280} aria-label="Preparing" />
            </>
          )
        }
        action={{ label: "To the project", run: () => navigate(addressOfProject(micrograph.projectId)) }}
      />
    </PageFrame>
  );
}

interface RoomsProps {
  readonly micrograph: Micrograph;
  readonly gallery: Resource<Gallery> & { readonly value: Gallery };
  readonly refetchMicrograph: () => Promise<void>;
}

interface Opened {
  readonly workspace: OpenWorkspace;
  readonly unsaved: UnsavedMarks;
}

/** The rooms live as long as the page shows this micrograph to this person. */
function Rooms(props: RoomsProps) {
  const principalId = usePersonStore((state) => state.principal?.id ?? null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const { id, projectId } = props.micrograph;
  useEffect(() => {
    if (!principalId) return;
    const workspace = openWorkspace(id, projectId, principalId);
    const unsaved = watchUnsavedMarks(workspace.session);
    setOpened({ workspace, unsaved });
    return () => {
      setOpened(null);
      unsaved.stop();
      workspace.close();
    };
  }, [id, projectId, principalId]);
  return opened ? <Admitted {...props} opened={opened} /> : <PageWaiting />;
}

/** For as long as one may see it. */
function Admitted({ opened, ...props }: RoomsProps & { readonly opened: Opened }) {
  const { micrograph, gallery } = props;
  const lost = useRoomAccess(micrograph.id, opened.workspace, gallery);
  if (lost === null) return <Calibrated {...props} opened={opened.workspace} />;
  return (
    <AccessLost
      lost={lost}
      projectName={gallery.value.project.name}
      micrograph={micrograph}
      workspace={opened.workspace}
      unsaved={opened.unsaved}
    />
  );
}

/** A calibration made by anybody reaches every number here at once, before the server is asked again. */
function Calibrated({
  micrograph,
  gallery,
  refetchMicrograph,
  opened,
}: RoomsProps & { readonly opened: OpenWorkspace }) {
  const { session, records } = opened;
  const shown = gallery.value;
  const byPeople = useStore(records, (state) => state.calibration);
  const value = useMemo(
    () => ({
      micrograph: byPeople ? { ...micrograph, calibration: byPeople } : micrograph,
      project: shown.project,
      gallery: shown,
      session,
      records,
      refetchMicrograph,
    }),
    [micrograph, shown, session, records, refetchMicrograph, byPeople],
  );
  return <Workspace value={value} />;
}
