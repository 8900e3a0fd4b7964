import { ActionIcon, Button, Skeleton, Tooltip } from "@mantine/core";
import {
  IconFileExport,
  IconFolderUp,
  IconSettings,
  IconTrash,
  IconUpload,
  IconUserPlus,
} from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Arrivals } from "#client/panels/arrivals.tsx";
import { Doorbell } from "#client/panels/doorbell.tsx";
import { DropTarget } from "#client/panels/drop-target.tsx";
import { GalleryGroups } from "#client/panels/gallery-groups.tsx";
import { ProjectCrumb } from "#client/panels/project-name.tsx";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { watchAccess } from "#client/state/access-watch.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { type DroppedFile, filesOfInput } from "#client/state/dropped-files.ts";
import { stacksAmong } from "#client/state/dropped-stacks.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { addressOfSettings, navigate } from "#client/state/router.ts";
import { toast } from "#client/state/toast-store.ts";
import { useUploadStore } from "#client/state/upload-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { NumberedFrames } from "#core/formats/numbered-frames.ts";
import type { Gallery } from "#core/protocol/api/shapes.ts";
import { roleAllows } from "#core/protocol/roles.ts";
import { PageFrame } from "./page-frame.tsx";
import { PageMessage } from "./page-message.tsx";
import styles from "./project-page.module.css";
import { saysNotForYou, useRoleNews } from "./use-room-access.ts";

const ShareDialog = lazyPart(() => import("#client/panels/share-dialog.tsx"));
const ExportDialog = lazyPart(() => import("#client/panels/export-dialog.tsx"));
const StackQuestion = lazyPart(() => import("#client/panels/stack-question.tsx"));

const VisitBanner = lazyPart(() => import("#client/panels/visit-banner.tsx"));

const busyRefreshMs = 1200;
const quietRefreshMs = 8000;

/** Everything in one project; drop files or folders anywhere on it. */
export default function ProjectPage({ projectId }: { readonly projectId: string }) {
  const everyUpload = useUploadStore((state) => state.uploads);
  const add = useUploadStore((state) => state.add);
  const uploads = useMemo(
    () => everyUpload.filter((u) => u.projectId === projectId),
    [everyUpload, projectId],
  );
  const sending = uploads.some(({ phase }) => phase !== "done" && phase !== "failed");
  const gallery = useResource(
    `gallery ${projectId}`,
    () => endpoints.gallery(projectId),
    (value) => (sending || (value && isBusy(value)) ? busyRefreshMs : quietRefreshMs),
  );
  const [dialog, setDialog] = useState<"share" | "export" | null>(null);
  const [numbered, setNumbered] = useState<{
    readonly files: readonly DroppedFile[];
    readonly stacks: readonly NumberedFrames[];
  } | null>(null);
  const sent = uploads.filter(({ phase }) => phase === "done").length;
  const { refetch } = gallery;
  useEffect(() => {
    if (sent > 0) void refetch();
  }, [sent, refetch]);
  const mayNotSee = saysNotForYou(gallery.error);
  useEffect(() => {
    if (mayNotSee) return;
    // The gallery is being asked for when listening begins.
    return watchAccess(projectId, async (isFirst) => {
      if (!isFirst) await refetch();
    });
  }, [projectId, mayNotSee, refetch]);
  useRoleNews(gallery.value?.project.role ?? null);

  if (gallery.error && (mayNotSee || !gallery.value)) {
    return (
      <PageFrame>
        <PageMessage
          tone="danger"
          title={
            gallery.value ? "You no longer have access to this project" : "This project cannot be opened"
          }
          text={sentenceOf(gallery.error)}
          action={{ label: "To the projects", run: () => navigate("/") }}
        />
      </PageFrame>
    );
  }
  const { value } = gallery;
  const mayAdd = value !== null && roleAllows(value.project.role, "annotate");
  const mayManage = value !== null && roleAllows(value.project.role, "manage");
  const addFiles = (files: readonly DroppedFile[]) => {
    if (!mayAdd)
      return toast("Your role in this project does not let you add micrographs. Ask its owner.", "warning");
    if (files.length === 0) return toast("There was no file in what you dropped.", "warning");
    void stacksAmong(files).then((stacks) =>
      stacks.length > 0 ? setNumbered({ files, stacks }) : add(projectId, files),
    );
  };
  const remove = async () => {
    try {
      await endpoints.deleteProject(projectId);
      navigate("/");
      toast(value?.project.demo ? "The demonstration is removed." : "The project is in the bin for 30 days.");
    } catch (error) {
      toast(sentenceOf(error), "danger");
    }
  };

  return (
    <DropTarget enabled={mayAdd} onFiles={addFiles}>
      <PageFrame
        crumb={value && <ProjectCrumb project={value.project} renamed={refetch} mayRename={mayManage} />}
        notice={value?.project.visit && <VisitBanner projectId={projectId} visit={value.project.visit} />}
        actions={
          value && (
            <>
              {mayAdd && <AddButtons add={addFiles} />}
              <Button
                variant="default"
                size="xs"
                leftSection={<IconFileExport size={16} />}
                onClick={() => setDialog("export")}
              >
                Export
              </Button>
              {mayManage && (
                <Button size="xs" leftSection={<IconUserPlus size={16} />} onClick={() => setDialog("share")}>
                  Share
                </Button>
              )}
              <Tooltip label={mayManage ? "Members, links, bin, ownership" : "Who is here, what happened"}>
                <ActionIcon
                  aria-label="Project settings"
                  onClick={() => navigate(addressOfSettings(projectId))}
                >
                  <IconSettings size={18} />
                </ActionIcon>
              </Tooltip>
            </>
          )
        }
      >
        {value?.project.demo && (
          <div className={styles.demo}>
            <span>
              <strong>This is the demonstration.</strong> One nanowire through sodiation and back, rendered by
              Lamella’s own model: draw, measure and export as you like.
            </span>
            {mayManage && (
              <Button
                variant="default"
                size="xs"
                leftSection={<IconTrash size={15} />}
                onClick={() => void remove()}
              >
                Remove the demonstration
              </Button>
            )}
          </div>
        )}
        <Arrivals
          uploads={uploads}
          sources={value?.sources ?? []}
          attachTo={mayAdd ? value : null}
          changed={refetch}
        />
        {gallery.loading && (
          <div className={styles.grid} aria-busy="true">
            {[0, 1, 2, 3, 4, 5].map((index) => (
              <Skeleton key={index} height={264} radius={8} />
            ))}
          </div>
        )}
        {value && (
          <GalleryGroups gallery={value} mayAdd={mayAdd} uploading={uploads.length > 0} refetch={refetch} />
        )}
        {value && dialog !== "share" && <Doorbell project={value.project} />}
        {value && dialog === "share" && <ShareDialog project={value.project} close={() => setDialog(null)} />}
        {numbered && (
          <StackQuestion
            {...numbered}
            add={(files) => add(projectId, files)}
            close={() => setNumbered(null)}
          />
        )}
        {value && dialog === "export" && <ExportDialog gallery={value} close={() => setDialog(null)} />}
      </PageFrame>
    </DropTarget>
  );
}

function isBusy({ micrographs, sources }: Gallery): boolean {
  return [...micrographs, ...sources].some(({ status }) => status === "queued" || status === "running");
}

function AddButtons({ add }: { readonly add: (files: readonly DroppedFile[]) => void }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const taken = (input: HTMLInputElement) => {
    if (input.files) add(filesOfInput(input.files));
    input.value = "";
  };
  return (
    <>
      <input ref={files} type="file" multiple hidden onChange={(event) => taken(event.currentTarget)} />
      <input
        ref={(input) => {
          folder.current = input;
          input?.setAttribute("webkitdirectory", "");
        }}
        type="file"
        hidden
        onChange={(event) => taken(event.currentTarget)}
      />
      <Tooltip label="Upload a folder">
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Upload a folder"
          onClick={() => folder.current?.click()}
        >
          <IconFolderUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconUpload size={16} />}
        onClick={() => files.current?.click()}
      >
        Upload
      </Button>
    </>
  );
}
