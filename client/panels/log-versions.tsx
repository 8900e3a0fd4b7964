import { Menu } from "@mantine/core";
import { useStore } from "zustand";
import type { StackLog } from "#core/schema/records/stack-log.ts";
import { valueWords } from "./log-lanes.ts";
import styles from "./log-strip.module.css";
import { readableTime } from "./readable-length.ts";
import { useNames } from "./use-names.ts";
import { useWorkspace } from "./workspace-context.ts";

const mostShown = 6;

/** Who put which log where, newest first; an earlier place of the same log can be taken again, as a new version. */
export function LogVersions({ place }: { readonly place: ((offsetS: number) => void) | null }) {
  const { records } = useWorkspace();
  const logs = useStore(records, (state) => state.logs);
  const { named } = useNames(logs.map(({ madeBy }) => madeBy));
  const now = logs.at(-1);
  return (
    <>
      <Menu.Label>Versions</Menu.Label>
      {[...logs]
        .reverse()
        .slice(0, mostShown)
        .map((version) => {
          const again =
            place !== null &&
            version !== now &&
            version.file?.sha256 === now?.file?.sha256 &&
            version.offsetS !== now?.offsetS;
          const said = (
            <>
              <span className="numbers">
                {version.number}. {words(version)}
              </span>
              <br />
              <span className="dim small">
                {version === now && "now · "}
                {named(version.madeBy).name}, {readableTime(version.madeAt)}
              </span>
            </>
          );
          return again ? (
            <Menu.Item key={version.id} title="Place it there again" onClick={() => place(version.offsetS)}>
              {said}
            </Menu.Item>
          ) : (
            <div key={version.id} className={styles.version}>
              {said}
            </div>
          );
        })}
    </>
  );
}

function words({ file, offsetS }: StackLog): string {
  return file ? `frame 1 at ${valueWords(offsetS)} s of ${file.name}` : "taken away";
}
