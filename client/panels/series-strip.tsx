import { IconAlertCircle, IconPhoto } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { Link } from "#client/pages/link.tsx";
import { neighboursOf } from "#client/state/gallery-groups.ts";
import { addressOfMicrograph } from "#client/state/router.ts";
import styles from "./series-strip.module.css";
import { useWorkspace } from "./workspace-context.ts";

/** The states of the series at the foot of the picture; one click changes the micrograph. */
export function SeriesStrip() {
  const { gallery, micrograph } = useWorkspace();
  const group = neighboursOf(gallery, micrograph.id);
  const here = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // Newer browsers answer with a promise, which is no clean-up.
    void here.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, []);
  if (!group || group.micrographs.length < 2) return null;
  return (
    <nav className={styles.strip} aria-label={`${group.title}: states`}>
      <ul>
        {group.micrographs.map((member) => {
          const current = member.id === micrograph.id;
          const label = member.state?.label ?? member.name;
          return (
            <li key={member.id} ref={current ? here : null}>
              <Link
                href={addressOfMicrograph(member.id)}
                className={styles.state}
                aria-current={current ? "page" : undefined}
                title={label}
              >
                <span className={styles.picture}>
                  {member.thumbnail ? (
                    <img src={member.thumbnail} alt="" />
                  ) : member.status === "failed" ? (
                    <IconAlertCircle size={16} />
                  ) : (
                    <IconPhoto size={16} />
                  )}
                </span>
                <span className={`${styles.label} ellipsis`}>{label}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
