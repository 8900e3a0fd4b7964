import { Avatar, Badge } from "@mantine/core";
import { IconUsersGroup } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Principal } from "#core/protocol/api/shapes.ts";
import styles from "./access-rows.module.css";
import { initialsOf } from "./initials-of.ts";

/** Somebody in a list: colour and initials as beside their cursor, name, and what kind of identity it is. */
export function PrincipalWords(props: {
  readonly principal: Principal;
  readonly note?: ReactNode;
  readonly you?: boolean;
}) {
  const { principal } = props;
  return (
    <div className={styles.who}>
      <Avatar
        size={30}
        radius="xl"
        className={styles.face ?? ""}
        styles={{ placeholder: { background: principal.colour, color: "#fff" } }}
      >
        {principal.kind === "group" ? <IconUsersGroup size={16} /> : initialsOf(principal.name)}
      </Avatar>
      <div>
        <strong className="ellipsis" title={principal.name}>
          {principal.name}
          {props.you && <span className="dim"> (you)</span>}
        </strong>
        {props.note && <div className="dim small">{props.note}</div>}
      </div>
      {principal.kind !== "person" && (
        <Badge variant="default" size="sm">
          {principal.kind === "group" ? "Group" : "Guest"}
        </Badge>
      )}
      {principal.administrator && (
        <Badge variant="default" size="sm">
          Administrator
        </Badge>
      )}
    </div>
  );
}
