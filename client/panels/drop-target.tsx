import { IconUpload } from "@tabler/icons-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { type DroppedFile, filesOfDrop } from "#client/state/dropped-files.ts";
import { toast } from "#client/state/toast-store.ts";
import styles from "./drop-target.module.css";

/** A whole page that takes files. A drop is caught even where it is not wanted: else the browser would leave the page. */
export function DropTarget(props: {
  readonly enabled: boolean;
  readonly onFiles: (files: readonly DroppedFile[]) => void;
  readonly children: ReactNode;
}) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const holdsFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const move = (event: DragEvent, step: 1 | -1) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth.current = Math.max(0, depth.current + step);
    setOver(depth.current > 0);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the Upload button is the accessible one
    <div
      className={styles.target}
      onDragEnter={(event) => move(event, 1)}
      onDragLeave={(event) => move(event, -1)}
      onDragOver={(event) => holdsFiles(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        filesOfDrop(event.dataTransfer).then(props.onFiles, () =>
          toast("What you dropped could not be read. Try the Upload button.", "danger"),
        );
      }}
    >
      {props.children}
      {over && props.enabled && (
        <div className={styles.veil}>
          <IconUpload size={32} />
          <strong>Drop to upload</strong>
          <span>Files or folders; sidecars stay with their images.</span>
        </div>
      )}
    </div>
  );
}
