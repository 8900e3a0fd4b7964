import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconCommand, IconFileExport, IconLayoutSidebarRight, IconUserPlus } from "@tabler/icons-react";
import { Link } from "#client/pages/link.tsx";
import { Mark } from "#client/pages/page-frame.tsx";
import { neighboursOf } from "#client/state/gallery-groups.ts";
import { addressOfProject } from "#client/state/router.ts";
import { People, PresentButton } from "./people.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { SaveState } from "./save-state.tsx";
import styles from "./top-bar.module.css";
import { useRight, useWorkspace } from "./workspace-context.ts";

export function TopBar(props: {
  readonly open: (what: "share" | "export" | "palette") => void;
  readonly inspectorShown: boolean;
  readonly toggleInspector: () => void;
}) {
  const { project, micrograph, gallery } = useWorkspace();
  const manage = useRight("manage");
  const group = neighboursOf(gallery, micrograph.id);
  return (
    <header className={styles.bar}>
      <Link href="/" className={styles.home} aria-label="All projects">
        <Mark size={22} />
      </Link>
      <nav className={styles.crumbs} aria-label="Where you are">
        <Link href={addressOfProject(project.id)} className="ellipsis" title={project.name}>
          {project.name}
        </Link>
        {group && group.key !== "unsorted" && (
          <>
            <i>›</i>
            <span className={`${styles.series} ellipsis`} title={group.title}>
              {group.title}
            </span>
          </>
        )}
        <i>›</i>
        <h1 className="ellipsis" title={micrograph.name}>
          {micrograph.state?.label ?? micrograph.name}
        </h1>
      </nav>
      <SaveState />
      <span className={styles.spring} />
      <People />
      <PresentButton />
      <Tooltip label="Commands (Ctrl+K)">
        <ActionIcon aria-label="Commands" onClick={() => props.open("palette")}>
          <IconCommand size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Export">
        <ActionIcon aria-label="Export" onClick={() => props.open("export")}>
          <IconFileExport size={18} />
        </ActionIcon>
      </Tooltip>
      {manage.allowed && (
        <Button size="xs" leftSection={<IconUserPlus size={16} />} onClick={() => props.open("share")}>
          Share
        </Button>
      )}
      <Tooltip label={props.inspectorShown ? "Hide the inspector" : "Show the inspector"}>
        <ActionIcon
          aria-label={props.inspectorShown ? "Hide the inspector" : "Show the inspector"}
          aria-pressed={props.inspectorShown}
          onClick={props.toggleInspector}
        >
          <IconLayoutSidebarRight size={18} />
        </ActionIcon>
      </Tooltip>
      <PersonMenu />
    </header>
  );
}
