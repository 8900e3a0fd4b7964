import { Button } from "@mantine/core";
import { IconDownload, IconLock } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { PageFrame } from "#client/pages/page-frame.tsx";
import { PageMessage } from "#client/pages/page-message.tsx";
import type { Lost } from "#client/pages/use-room-access.ts";
import type { OpenWorkspace } from "#client/state/open-workspace.ts";
import { navigate } from "#client/state/router.ts";
import { type UnsavedMarks, unsavedFile } from "#client/state/unsaved-marks.ts";
import styles from "./access-lost.module.css";
import { downloadText } from "./download-text.ts";

/** In place of a project or micrograph that one cannot see any more; with what one drew and the server never got. */
export default function AccessLost(props: {
  readonly lost: Lost;
  readonly projectName: string;
  readonly micrograph: { readonly id: string; readonly name: string };
  readonly workspace: OpenWorkspace;
  readonly unsaved: UnsavedMarks;
}) {
  const { workspace, micrograph } = props;
  const { session } = workspace;
  const waiting = useStore(session.connection, (state) => ("waiting" in state ? state.waiting : 0));
  // Edits from before the page was loaded are not told apart from the rest: then everything here is offered.
  const [marks] = useState(() => {
    const refused = session.rescues
      .getState()
      .rescues.flatMap((rescue) => rescue.marks().map(({ annotation }) => annotation));
    const mine = [...refused, ...props.unsaved.list()];
    if (waiting === 0 || mine.length > 0) return mine;
    return [...session.current.getState().document.annotations().values()];
  });
  useEffect(() => {
    // Nothing of a project that one may not see stays on this computer, once nothing of one's own hangs on it.
    if (marks.length === 0) void workspace.forget();
  }, [workspace, marks]);
  const download = () => {
    const { fileName, json } = unsavedFile(micrograph.id, marks);
    downloadText(fileName, "application/json", json);
  };
  const whole = props.lost === "project";
  return (
    <PageFrame crumb={whole ? props.projectName : micrograph.name}>
      <PageMessage
        icon={<IconLock size={26} />}
        title={
          whole
            ? "You no longer have access to this project"
            : "This micrograph is not in the project any more"
        }
        text={
          <>
            {whole
              ? `Somebody who manages “${props.projectName}” changed who may see it, or deleted it. Ask an owner if that was a mistake.`
              : "Its file was deleted. It rests in the project’s bin for 30 days, where it can be restored."}
            {marks.length > 0 && (
              <div className={styles.unsaved}>
                <div>
                  <strong>
                    {marks.length} {marks.length === 1 ? "mark of yours has" : "marks of yours have"} not
                    reached the server.
                  </strong>{" "}
                  Download {marks.length === 1 ? "it" : "them"} before you leave this page.
                </div>
                <Button leftSection={<IconDownload size={16} />} onClick={download}>
                  Download {marks.length === 1 ? "the mark" : `the ${marks.length} marks`}
                </Button>
              </div>
            )}
          </>
        }
        action={{ label: "To the projects", run: () => navigate("/"), quiet: marks.length > 0 }}
      />
    </PageFrame>
  );
}
