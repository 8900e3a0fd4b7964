import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { keptMarks } from "#client/session/kept-marks.ts";
import { serverUrl } from "#client/state/open-workspace.ts";
import { unsavedFile } from "#client/state/unsaved-marks.ts";
import { useResource } from "#client/state/use-resource.ts";
import styles from "./access-lost.module.css";
import { downloadText } from "./download-text.ts";

/** On the page of a micrograph that cannot be opened: what was drawn in it here and never sent. Else nothing. */
export default function AccessKept(props: { readonly micrographId: string; readonly principalId: string }) {
  const { micrographId, principalId } = props;
  const { value } = useResource(`kept ${micrographId} ${principalId}`, () =>
    keptMarks(serverUrl(), micrographId, principalId),
  );
  if (!value) return null;
  const { waiting, annotations } = value;
  const download = () => {
    const { fileName, json } = unsavedFile(micrographId, annotations);
    downloadText(fileName, "application/json", json);
  };
  return (
    <div className={styles.unsaved}>
      <div>
        <strong>
          {waiting} {waiting === 1 ? "edit of yours" : "edits of yours"} never reached the server.
        </strong>{" "}
        This computer keeps {waiting === 1 ? "it" : "them"}, within the {annotations.length}{" "}
        {annotations.length === 1 ? "mark" : "marks"} as you last saw{" "}
        {annotations.length === 1 ? "it" : "them"}.
      </div>
      <Button leftSection={<IconDownload size={16} />} onClick={download}>
        Download {annotations.length === 1 ? "the mark" : `the ${annotations.length} marks`}
      </Button>
    </div>
  );
}
