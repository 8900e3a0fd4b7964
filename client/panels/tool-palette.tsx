import { Menu, Tooltip } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useStore } from "zustand";
import { useToolStore } from "#client/state/tool-store.ts";
import { ClassDialog } from "./class-dialog.tsx";
import { ClassSwatch } from "./class-swatch.tsx";
import styles from "./tool-palette.module.css";
import { toolGroups } from "./tools.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** The tools, floating over the picture, and the class that the next region gets. */
export function ToolPalette() {
  const { tool, setTool } = useToolStore();
  const annotate = useRight("annotate");
  const comment = useRight("comment");
  return (
    <div className={styles.palette} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {toolGroups.map((group) => (
        <div key={group[0]!.id} className={styles.group}>
          {group.map(({ id, label, key, hint, icon: Icon, draws }) => {
            // Who may comment says where, also without the right to draw a pin.
            const disabled = draws && !(id === "pin" ? comment : annotate).allowed;
            return (
              <Tooltip
                key={id}
                position="right"
                label={
                  <span>
                    <strong>{label}</strong> <kbd className={styles.key}>{key}</kbd>
                    <br />
                    {disabled ? annotate.reason : hint}
                  </span>
                }
              >
                <button
                  type="button"
                  className={styles.tool}
                  aria-label={label}
                  aria-pressed={tool === id}
                  aria-disabled={disabled}
                  aria-keyshortcuts={key}
                  data-tool={id}
                  // The keyboard stays with the picture.
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => !disabled && setTool(id)}
                >
                  <Icon size={19} stroke={1.7} />
                </button>
              </Tooltip>
            );
          })}
        </div>
      ))}
      <ClassChip disabled={!annotate.allowed} />
    </div>
  );
}

function ClassChip({ disabled }: { readonly disabled: boolean }) {
  const { records } = useWorkspace();
  const classes = useStore(records, (state) => state.classes);
  const { classId, setClass } = useToolStore();
  const [making, setMaking] = useState(false);
  const current = classes.find(({ id }) => id === classId) ?? null;
  return (
    <>
      <Menu position="right-end" width={240} disabled={disabled}>
        <Menu.Target>
          <button
            type="button"
            className={styles.chip}
            disabled={disabled}
            aria-label={`Class of the next mark: ${current?.name ?? "none"}`}
            title={`Class of the next mark: ${current?.name ?? "none"}`}
          >
            <ClassSwatch annotationClass={current} size={18} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Class of the next mark</Menu.Label>
          <Menu.Item leftSection={<ClassSwatch annotationClass={null} />} onClick={() => setClass(null)}>
            No class
          </Menu.Item>
          {classes.map((entry) => (
            <Menu.Item
              key={entry.id}
              leftSection={<ClassSwatch annotationClass={entry} />}
              rightSection={entry.key ? <kbd className={styles.key}>{entry.key}</kbd> : null}
              onClick={() => setClass(entry.id)}
            >
              {entry.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
            New class …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {making && <ClassDialog close={() => setMaking(false)} />}
    </>
  );
}
