import { Tabs } from "@mantine/core";
import { IconHistory, IconInfoCircle } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useStore } from "zustand";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { usePersonStore } from "#client/state/person-store.ts";
import { readMarkKey, unreadComments, useReadMarks } from "#client/state/read-marks.ts";
import { AnnotationsPanel } from "./annotations-panel.tsx";
import { DiscussionPanel } from "./discussion-panel.tsx";
import { DisplayPanel } from "./display-panel.tsx";
import { InfoPanel } from "./info-panel.tsx";
import styles from "./inspector.module.css";
import { MeasurementsPanel } from "./measurements-panel.tsx";
import { useWorkspace } from "./workspace-context.ts";

const HistoryPanel = lazyPart(() => import("./history-panel.tsx"));

export type InspectorTab = "annotations" | "measurements" | "display" | "discussion" | "history" | "info";

/** What is looked up now and then takes less room: the words of all six do not fit. */
const tabIcons: Partial<Record<InspectorTab, typeof IconHistory>> = {
  history: IconHistory,
  info: IconInfoCircle,
};

const tabs: readonly (readonly [InspectorTab, string])[] = [
  ["annotations", "Annotations"],
  ["measurements", "Measurements"],
  ["display", "Display"],
  ["discussion", "Discussion"],
  ["history", "History"],
  ["info", "Info"],
];

/** Everything about the picture that is not on it. */
export function Inspector(props: { readonly tab: InspectorTab; readonly show: (tab: InspectorTab) => void }) {
  const { records } = useWorkspace();
  const open = useStore(records, (state) => state.threads.filter(({ resolved }) => !resolved).length);
  const counts: Partial<Record<InspectorTab, number>> = { discussion: open };
  const unread = useUnreadCount();
  const [body, setBody] = useState<HTMLElement | null>(null);
  return (
    <aside className={styles.inspector} aria-label="Inspector">
      <Tabs value={props.tab} onChange={(tab) => tab && props.show(tab as InspectorTab)} keepMounted={false}>
        <Tabs.List className={styles.list ?? ""} grow>
          {tabs.map(([id, label]) => (
            <Tabs.Tab key={id} value={id} {...(tabIcons[id] && { "aria-label": label, title: label })}>
              {tabWords(id, label)}
              {(counts[id] ?? 0) > 0 && (
                <span
                  className={`${styles.count} numbers`}
                  data-unread={id === "discussion" && unread > 0}
                  title={id === "discussion" && unread > 0 ? `${unread} unread` : undefined}
                >
                  {counts[id]}
                </span>
              )}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <div ref={setBody} className={styles.body}>
          <Tabs.Panel value="annotations">
            <AnnotationsPanel scroller={body} />
          </Tabs.Panel>
          <Tabs.Panel value="measurements">
            <MeasurementsPanel scroller={body} />
          </Tabs.Panel>
          <Tabs.Panel value="display">
            <DisplayPanel />
          </Tabs.Panel>
          <Tabs.Panel value="discussion">
            <DiscussionPanel />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <HistoryPanel />
          </Tabs.Panel>
          <Tabs.Panel value="info">
            <InfoPanel />
          </Tabs.Panel>
        </div>
      </Tabs>
    </aside>
  );
}

function tabWords(id: InspectorTab, label: string) {
  const Icon = tabIcons[id];
  return Icon ? <Icon size={16} /> : label;
}

function useUnreadCount(): number {
  const { records, micrograph } = useWorkspace();
  const threads = useStore(records, (state) => state.threads);
  const me = usePersonStore((state) => state.principal?.id ?? "");
  const until = useReadMarks((state) => state.until[readMarkKey(me, micrograph.id)]);
  return useMemo(() => unreadComments(threads, until, me).size, [threads, until, me]);
}
