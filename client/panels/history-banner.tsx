import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useEffect } from "react";
import { useStore } from "zustand";
import { sentenceOf } from "#client/state/api-client.ts";
import { useHistoryStore } from "#client/state/history-store.ts";
import { type Moment, useMomentStore } from "#client/state/moment-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { roleAllows } from "#core/protocol/roles.ts";
import styles from "./history-banner.module.css";
import { useRestore } from "./history-restore.tsx";
import { timeWords } from "./history-sittings.ts";
import { entryWords } from "./history-step.tsx";
import picture from "./picture-banner.module.css";
import { useWorkspace } from "./workspace-context.ts";

/** What Escape closes first. */
const openAbove = '[role="dialog"], [role="menu"]';

const backToNow = () => useMomentStore.getState().show(null);

/** "12:41, as it was": over the picture for as long as it is not shown as it is now. */
export default function HistoryBanner({ moment }: { readonly moment: Moment }) {
  const { project, records } = useWorkspace();
  const interfaces = useStore(records, (state) => state.interfaces);
  const step = useHistoryStore((state) => state.step);
  const [restore, dialog] = useRestore();
  const go = (by: 1 | -1) => step(by).catch((error) => toast(sentenceOf(error), "danger"));
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !document.querySelector(openAbove)) backToNow();
    };
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, []);
  const words = entryWords(moment.entry, (id) => interfaces.find((one) => one.id === id)?.name);
  return (
    <>
      <div className={styles.frame} />
      <div className={picture.banner} role="status" data-over>
        <strong className="numbers">{timeWords(new Date(moment.entry.receivedAt))}, as it was</strong>
        <span className="ellipsis" title={words}>
          {words}
        </span>
        <ActionIcon.Group>
          <Tooltip label="The edit before">
            <ActionIcon variant="default" aria-label="The edit before" onClick={() => void go(-1)}>
              <IconChevronLeft size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="The edit after">
            <ActionIcon variant="default" aria-label="The edit after" onClick={() => void go(1)}>
              <IconChevronRight size={16} />
            </ActionIcon>
          </Tooltip>
        </ActionIcon.Group>
        {roleAllows(project.role, "manage") && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => restore({ what: "image", entry: moment.entry })}
          >
            Bring it back …
          </Button>
        )}
        <Button size="compact-sm" onClick={backToNow}>
          Back to now
        </Button>
      </div>
      {dialog}
    </>
  );
}
